using System.Text.Json;
using ServerlessTrace.LocalHost;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Cli.Tests;

/// <summary>What the tool does with a storage account that a service has filled, and with the service itself.</summary>
public sealed class StorageTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Traces_that_were_posted_are_found_and_reported_from_storage_when_no_service_runs()
    {
        string[] connection = ["--connection", storage.ConnectionString];
        LocalFunctionHostOptions options = Product.Options(storage.ConnectionString, port: 0);
        options.Settings["Seal:Window"] = "00:00:00.500";
        await using (LocalFunctionHost host = await LocalFunctionHost.StartAsync(options))
        {
            CommandResult posted = await CommandLine.RunAsync(
                "upload", _logs.Write("auth.log", Logs.FineTrace), _logs.Write("gateway.log", Logs.Gateway), "--url", host.BaseAddress.AbsoluteUri, "--key", host.Keys.Function);
            CommandResult refused = await CommandLine.RunAsync("upload", _logs["auth.log"], "--url", host.BaseAddress.AbsoluteUri, "--key", "wrong");
            Assert.Equal((0, string.Empty), (posted.ExitCode, posted.Errors));
            Assert.StartsWith("2 file(s), ", posted.Output, StringComparison.Ordinal);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("--key", refused.Errors, StringComparison.Ordinal);
            await SealedAsync(connection);
        }

        CommandResult table = await CommandLine.RunAsync(["search", "--service", "auth-service", "--attr", "user_id:user-7", .. connection]);
        CommandResult none = await CommandLine.RunAsync(["search", "--min-duration", "1h", "--format", "json", .. connection]);
        CommandResult wrong = await CommandLine.RunAsync(["search", "--min-duration", "long", .. connection]);
        CommandResult report = await CommandLine.RunAsync(["report", Logs.Fine, .. connection]);
        CommandResult open = await CommandLine.RunAsync(["report", Logs.Failing, "--format", "json", .. connection]);
        CommandResult unknown = await CommandLine.RunAsync(["report", "abc123", .. connection]);

        Assert.Contains($"{Logs.Fine}  2026-02-26 17:59:59.000", table.Output, StringComparison.Ordinal);
        Assert.Empty(JsonDocument.Parse(none.Output).RootElement.GetProperty("traces").EnumerateArray());
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("'minDuration' must be a duration", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("auth-service: login", report.Output, StringComparison.Ordinal);

        // Its payment has not come.
        JsonElement waiting = JsonDocument.Parse(open.Output).RootElement;
        Assert.Equal((Logs.Failing, false, 2), (waiting.GetProperty("traceId").GetString(), waiting.GetProperty("sealed").GetBoolean(), waiting.GetProperty("spanCount").GetInt32()));
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("no span of trace 00000000000000000000000000abc123", unknown.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("search")]
    [InlineData("report", "abc123")]
    [InlineData("upload", "x.log")]
    public async Task Where_neither_a_service_nor_storage_is_named_it_is_wrong_usage(params string[] arguments)
    {
        CommandResult nowhere = await CommandLine.RunAsync(arguments, [], null, ("AZURE_STORAGE_CONNECTION_STRING", ""), ("SERVERLESSTRACE_URL", ""));
        CommandResult malformed = await CommandLine.RunAsync([.. arguments, "--connection", "nonsense"]);

        Assert.Equal((2, 2), (nowhere.ExitCode, malformed.ExitCode));
        Assert.Contains("--url", nowhere.Errors, StringComparison.Ordinal);
        Assert.Contains("--connection", nowhere.Errors, StringComparison.Ordinal);
        Assert.Contains("no connection string", malformed.Errors, StringComparison.Ordinal);
    }

    private static async Task SealedAsync(string[] connection)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!(await CommandLine.RunAsync(["search", .. connection])).Output.Contains(Logs.Fine, StringComparison.Ordinal))
        {
            await Task.Delay(100, deadline.Token);
        }
    }
}
