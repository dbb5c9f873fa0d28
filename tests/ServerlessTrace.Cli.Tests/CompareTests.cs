using System.Net;
using System.Text;
using System.Text.Json;

namespace ServerlessTrace.Cli.Tests;

public sealed class CompareTests : IDisposable
{
    private const string First = "0000000000000000000000000000000a";
    private const string Second = "0000000000000000000000000000000b";

    private readonly AnsweringService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task Two_traces_of_files_are_compared_without_any_service()
    {
        byte[] logs = Encoding.UTF8.GetBytes(string.Join('\n', Span("a", "1", null, "api", "get", 0, 100), Span("b", "1", null, "api", "get", 0, 180), Span("b", "2", "1", "db", "select", 10, 170)));

        CommandResult text = await CommandLine.RunAsync(["compare", "a", "b", "--sources", "-"], logs);
        CommandResult json = await CommandLine.RunAsync(["compare", "a", "b", "--sources", "-", "--format", "json"], logs);

        Assert.Equal((0, string.Empty), (text.ExitCode, text.Errors));
        Assert.Contains("Duration: +80ms (+80%)", text.Output, StringComparison.Ordinal);
        Assert.Contains("- api: get › db: select: only in the second trace: 1 call", text.Output, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(json.Output);
        Assert.Equal((First, Second), (report.RootElement.GetProperty("before").GetProperty("traceId").GetString(), report.RootElement.GetProperty("after").GetProperty("traceId").GetString()));
        Assert.Equal(160, report.RootElement.GetProperty("services")[0].GetProperty("criticalPathChangeMs").GetDouble());
    }

    [Fact]
    public async Task A_trace_that_is_not_there_is_exit_code_1()
    {
        CommandResult result = await CommandLine.RunAsync(["compare", "a", "c", "--sources", "-"], Encoding.UTF8.GetBytes(Span("a", "1", null, "api", "get", 0, 100)));

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains("0000000000000000000000000000000c", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_sources_the_service_is_asked()
    {
        Task<HttpListenerRequest> asked = _service.AnswerAsync(200, "# Trace Comparison");

        CommandResult result = await CommandLine.RunAsync("compare", "a", "b", "--url", _service.Url, "--key", "k", "--format", "markdown", "--critical-path", "tolerant");

        HttpListenerRequest request = await asked;
        Assert.Equal((0, "# Trace Comparison"), (result.ExitCode, result.Output));
        Assert.Equal($"/api/traces/{First}/comparison/{Second}?criticalPath=tolerant", request.Url!.PathAndQuery);
        Assert.Equal("text/markdown", request.Headers["Accept"]);
    }

    [Theory]
    [InlineData("compare", "a", "b")]
    [InlineData("compare", "a", "--sources", "x.log")]
    [InlineData("compare", "a", "b", "--sources", "x.log", "--format", "html")]
    [InlineData("compare", "a", "b", "--sources", "x.log", "--output", "x.html")]
    public async Task Wrong_usage_is_exit_code_2(params string[] arguments) => Assert.Equal(2, (await CommandLine.RunAsync(arguments)).ExitCode);

    private static string Span(string trace, string span, string? parent, string service, string name, int start, int end) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["trace_id"] = trace.PadLeft(32, '0'),
        ["span_id"] = span.PadLeft(16, '0'),
        ["parent_span_id"] = parent?.PadLeft(16, '0'),
        ["service"] = service,
        ["span_name"] = name,
        ["event"] = "span_end",
        ["timestamp"] = DateTimeOffset.FromUnixTimeMilliseconds(1_772_128_800_000 + end).ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["duration_ms"] = end - start,
        ["status"] = "OK",
    });
}
