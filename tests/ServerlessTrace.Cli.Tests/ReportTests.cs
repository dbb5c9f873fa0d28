using System.Net;

namespace ServerlessTrace.Cli.Tests;

public sealed class ReportTests : IDisposable
{
    private readonly AnsweringService _service = new();

    public void Dispose() => _service.Dispose();

    [Theory]
    [InlineData("text", "text/plain")]
    [InlineData("json", "application/json")]
    public async Task The_report_is_asked_for_with_the_key_in_a_header_and_printed_as_it_comes(string format, string accept)
    {
        Task<HttpListenerRequest> asked = _service.AnswerAsync(200, "Trace ID: abc — Zeitüberschreitung");

        CommandResult result = await CommandLine.RunAsync("report", "ABC123", "--url", _service.Url + "/", "--key", "secret", "--format", format);

        HttpListenerRequest request = await asked;
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("Trace ID: abc — Zeitüberschreitung", result.Output);
        Assert.Equal("/api/traces/00000000000000000000000000abc123/report", request.Url!.PathAndQuery);
        Assert.Equal("secret", request.Headers["x-functions-key"]);
        Assert.Equal(accept, request.Headers["Accept"]);
    }

    [Fact]
    public async Task Url_and_key_may_come_from_the_environment()
    {
        Task<HttpListenerRequest> asked = _service.AnswerAsync(200, "fine");

        CommandResult result = await CommandLine.RunAsync(
            ["report", "abc123"], [], null, ("SERVERLESSTRACE_URL", _service.Url), ("SERVERLESSTRACE_KEY", "from-environment"));

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("from-environment", (await asked).Headers["x-functions-key"]);
    }

    [Theory]
    [InlineData(404, """{"title":"Not Found","detail":"No such trace."}""", "No such trace.")]
    [InlineData(404, "", "the service does not know this trace")]
    [InlineData(401, "", "--key")]
    [InlineData(503, "<html>", "503")]
    public async Task A_refusal_is_exit_code_1_with_its_reason(int status, string body, string reason)
    {
        _ = _service.AnswerAsync(status, body);

        CommandResult result = await CommandLine.RunAsync("report", "abc123", "--url", _service.Url, "--key", "k");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(string.Empty, result.Output);
        Assert.Contains(reason, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_does_not_follow_a_redirect()
    {
        using var elsewhere = new AnsweringService();
        Task<HttpListenerRequest> asked = elsewhere.AnswerAsync(200, "fine");
        _ = _service.AnswerAsync(302, string.Empty, elsewhere.Url + "/");

        CommandResult result = await CommandLine.RunAsync("report", "abc123", "--url", _service.Url, "--key", "secret");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(elsewhere.Url, result.Errors, StringComparison.Ordinal);
        Assert.False(asked.IsCompleted);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_exit_code_1()
    {
        _service.Stop();

        CommandResult result = await CommandLine.RunAsync("report", "abc123", "--url", _service.Url);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("does not answer", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report", "abc123", "--url", "not-a-url")]
    [InlineData("report", "abc123", "--url", "file:///etc/passwd")]
    [InlineData("report", "xyz", "--url", "http://localhost")]
    [InlineData("report", "--url", "http://localhost")]
    public async Task Wrong_usage_is_exit_code_2(params string[] arguments)
    {
        CommandResult result = await CommandLine.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(string.Empty, result.Output);
    }
}
