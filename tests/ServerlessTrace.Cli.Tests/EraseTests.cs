using System.Net;

namespace ServerlessTrace.Cli.Tests;

/// <summary><c>erase</c> against a service that answers as the real one does.</summary>
public sealed class EraseTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private readonly AnsweringService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task It_waits_until_the_erasure_is_done_and_prints_what_is_left()
    {
        Task<CommandResult> running = CommandLine.RunAsync(
            "erase", "--url", _service.Url, "--key", "secret", "--correlation", "order_id=ord/1=2", "--by", "ann", "--reason", "case 7", "--yes");

        HttpListenerRequest asked = await _service.AnswerAsync(202, Record("running", string.Empty));
        HttpListenerRequest looked = await _service.AnswerAsync(200, Record("running", string.Empty));
        await _service.AnswerAsync(200, Record("done", """{"name":"a.log","isDeleted":false},{"name":"b.log","isDeleted":false,"keptUntil":"2026-05-26T18:00:00Z"},{"name":"c.log","isDeleted":true}"""));
        CommandResult result = await running;

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(("DELETE", "/api/correlations/order_id/ord%2F1%3D2?by=ann&reason=case%207"), (asked.HttpMethod, asked.RawUrl));
        Assert.Equal(("secret", "/api/erasures/8227871199999-0a1b2c3d"), (asked.Headers["x-functions-key"], looked.RawUrl));
        Assert.Equal(
            "8227871199999-0a1b2c3d: 3 trace(s) erased\nstill in span-logs/a.log, until you delete it\nstill in span-logs/b.log, until 2026-05-26\n", result.Output);
    }

    [Fact]
    public async Task A_trace_is_asked_for_by_its_id()
    {
        Task<CommandResult> running = CommandLine.RunAsync("erase", "--url", _service.Url, "--trace-id", Trace, "--yes");
        HttpListenerRequest asked = await _service.AnswerAsync(400, """{"detail":"no"}""");
        CommandResult result = await running;

        Assert.Equal($"/api/traces/{Trace}", asked.RawUrl);
        Assert.Equal((1, "error: no\n"), (result.ExitCode, result.Errors));
    }

    [Theory]
    [InlineData("--trace-id", Trace)]
    [InlineData("--yes")]
    [InlineData("--yes", "--trace-id", Trace, "--correlation", "a=b")]
    [InlineData("--yes", "--correlation", "a")]
    public async Task Without_yes_or_without_one_target_nothing_is_erased(params string[] arguments) =>
        Assert.Equal(2, (await CommandLine.RunAsync(["erase", "--url", _service.Url, .. arguments])).ExitCode);

    private static string Record(string state, string sources) =>
        $$$"""{"id":"8227871199999-0a1b2c3d","state":"{{{state}}}","traces":3,"remaining":{"sources":[{{{sources}}}],"forwarded":false}}""";
}
