using System.Net;

namespace ServerlessTrace.Cli.Tests;

public sealed class SearchTests : IDisposable
{
    private const string Page = """
        {"traces":[{"traceId":"0af7651916cd43dd8448eb211c80319c","startTime":"2026-02-26T18:00:00.0000000Z","durationMs":1234.0,"status":"ERROR",
          "root":{"service":"api-gateway","operation":"POST /orders\u001b[31m"},"spanCount":12,"errorCount":3,"services":["api-gateway","payment-service"],"environment":null,"revision":1}],
         "nextCursor":"Y3Vyc29y"}
        """;

    private readonly AnsweringService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task Filters_go_to_the_service_and_traces_come_as_a_table()
    {
        Task<HttpListenerRequest> asked = _service.AnswerAsync(200, Page);

        CommandResult result = await CommandLine.RunAsync(
            "search", "--url", _service.Url, "--key", "secret", "--service", "a&b", "--status", "ERROR", "--min-duration", "500ms", "--attr", "order_id:ord 1", "--limit", "5");

        HttpListenerRequest request = await asked;
        Assert.Equal((0, string.Empty), (result.ExitCode, result.Errors));
        Assert.Equal("/api/traces?limit=5&service=a%26b&status=ERROR&minDuration=500ms&attr=order_id%3Aord%201", request.Url!.PathAndQuery);
        Assert.Equal("secret", request.Headers["x-functions-key"]);
        Assert.Contains("0af7651916cd43dd8448eb211c80319c  2026-02-26 18:00:00.000   1.234 s  ERROR      12         2       3  api-gateway: POST /orders\\u001b[31m\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 trace(s), 1 failed; 12 span(s).\nMore: --cursor Y3Vyc29y\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_comes_as_the_service_sends_it()
    {
        _ = _service.AnswerAsync(200, Page);

        CommandResult result = await CommandLine.RunAsync("search", "--url", _service.Url, "--format", "json");

        Assert.Equal((0, Page), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task What_the_service_does_not_understand_is_exit_code_1_with_its_reason()
    {
        _ = _service.AnswerAsync(400, """{"detail":"'status' must be OK, ERROR or INCOMPLETE."}""");

        CommandResult result = await CommandLine.RunAsync("search", "--url", _service.Url, "--status", "bad");

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains("'status' must be OK", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_service_it_is_wrong_usage() => Assert.Equal(2, (await CommandLine.RunAsync("search", "--service", "a")).ExitCode);
}
