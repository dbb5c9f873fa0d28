namespace ServerlessTrace.Cli.Tests;

/// <summary><c>timeline</c>, and <c>analyze</c> for a page.</summary>
public sealed class TimelineTests : IDisposable
{
    private readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Timeline_and_analyze_write_the_same_page()
    {
        _folder.Write("gateway.log", Logs.Gateway);
        _folder.Write("payment.log", Logs.Payment);
        _folder.Write("fine.log", Logs.FineTrace);

        CommandResult timeline = await CommandLine.RunAsync("timeline", "--sources", _folder.Path, "--trace-id", Logs.Failing, "--output", _folder["timeline.html"]);
        CommandResult analyze = await CommandLine.RunAsync("analyze", "--sources", _folder["gateway.log"], _folder["payment.log"], "--trace-id", Logs.Failing, "--format", "html");

        Assert.Equal(0, timeline.ExitCode);
        string page = await File.ReadAllTextAsync(_folder["timeline.html"]);
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.Contains("process_payment", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Logs.Fine, page, StringComparison.Ordinal);
        Assert.Equal(page, analyze.Output);
    }

    [Fact]
    public async Task A_page_shows_one_trace()
    {
        _folder.Write("gateway.log", Logs.Gateway);
        _folder.Write("fine.log", Logs.FineTrace);

        CommandResult both = await CommandLine.RunAsync("timeline", "--sources", _folder.Path);
        CommandResult one = await CommandLine.RunAsync("timeline", "--sources", _folder["fine.log"]);

        Assert.Equal(2, both.ExitCode);
        Assert.Contains("--trace-id", both.Errors, StringComparison.Ordinal);
        Assert.Equal(0, one.ExitCode);
        Assert.Contains(Logs.Fine, one.Output, StringComparison.Ordinal);
    }
}
