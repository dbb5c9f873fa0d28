using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>Hosts that are killed, and hosts that share the work: every trace ends as the command line says it is.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    /// <summary>The environment variable that asks for more kills, or fewer.</summary>
    private const string KillsVariable = "SERVERLESSTRACE_KILLS";

    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Theory]
    [InlineData(DurableBackend.Table, 20)]
    [InlineData(DurableBackend.AzureStorage, 4)]
    public async Task One_of_two_hosts_killed_at_random_points_of_an_ingest_loses_nothing_and_counts_nothing_twice(DurableBackend backend, int kills)
    {
        kills = int.TryParse(Environment.GetEnvironmentVariable(KillsVariable), CultureInfo.InvariantCulture, out int wanted) ? wanted : kills;
        using var logs = new GeneratedLogs(files: Math.Max(40, 2 * kills), spansPerFile: 300, seed: 11);
        string[] files = logs.Files;
        Assert.True(files.Length >= 50, $"Only {files.Length} files.");
        Dictionary<string, JsonObject> expected = await Offline.AnalyzeAsync(logs.Folder);

        const int Seed = 20_261_123;
        var random = new Random(Seed);
        random.Shuffle(files);
        HostProcess[] hosts = await Task.WhenAll(_azurite.StartHostAsync(backend), _azurite.StartHostAsync(backend));
        try
        {
            foreach (string[] wave in files.Chunk((files.Length / (kills + 1)) + 1))
            {
                Task dropping = DropAsync(wave);
                if (kills-- > 0)
                {
                    // While one host starts, the other has all the work.
                    int victim = random.Next(hosts.Length);
                    await Task.Delay(random.Next(0, 1_000));
                    await hosts[victim].KillAsync();
                    hosts[victim] = await _azurite.StartHostAsync(backend);
                }

                await dropping;
            }

            await AssertAllSealedAsync(hosts[0].Service, files.Length, expected);
        }
        catch (Exception exception) when (exception is Xunit.Sdk.XunitException)
        {
            throw new Xunit.Sdk.XunitException(
                $"{exception.Message}\nThe last hosts said:\n{string.Join('\n', hosts.Select(host => host.Output))}", exception);
        }
        finally
        {
            await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
        }
    }

    [Theory]
    [InlineData(DurableBackend.Table)]
    [InlineData(DurableBackend.AzureStorage)]
    public async Task Two_hosts_on_one_storage_share_the_work(DurableBackend backend)
    {
        using var logs = new GeneratedLogs(files: 120, spansPerFile: 100, seed: 501);
        var settings = new Dictionary<string, string> { ["Seal:QuietPeriod"] = "00:00:03" };
        await using RunningService first = await RunningService.StartAsync(_azurite.ConnectionString, backend, settings);
        await using RunningService second = await RunningService.StartAsync(_azurite.ConnectionString, backend, settings);

        // Who finds a file first takes it, and one host may do all of a few files before the other looks: so on until both had some.
        int dropped = 0;
        foreach (string[] wave in logs.Files.Chunk(20))
        {
            await Task.WhenAll(wave.Select(DropAsync));
            dropped += wave.Length;
            await Eventually.GetAsync(async () => (await first.ReceiptsAsync()).Count, count => count >= dropped, "A receipt of every file so far");
            if (TookPart(first) && TookPart(second))
            {
                break;
            }
        }

        Assert.True(TookPart(first), "The first host took no part.");
        Assert.True(TookPart(second), "The second host took no part.");
        logs.Files.Skip(dropped).ToList().ForEach(File.Delete);
        await AssertAllSealedAsync(second, dropped, await Offline.AnalyzeAsync(logs.Folder));
    }

    private static bool TookPart(RunningService host) => host.Host.StorageRequests.ByOperation.Keys.Any(
        operation => operation.EndsWith(" Receipts", StringComparison.Ordinal) && !operation.StartsWith("GET", StringComparison.Ordinal));

    private async Task DropAsync(string[] files)
    {
        foreach (string file in files)
        {
            await DropAsync(file);
            await Task.Delay(40);
        }
    }

    private Task DropAsync(string file) => new BlobServiceClient(_azurite.ConnectionString)
        .GetBlobContainerClient("span-logs").GetBlobClient("crash/" + Path.GetFileName(file)).UploadAsync(file);

    private static async Task AssertAllSealedAsync(RunningService service, int files, Dictionary<string, JsonObject> expected)
    {
        var patience = TimeSpan.FromMinutes(3);
        await Eventually.GetAsync(async () => (await service.ReceiptsAsync()).Count, count => count >= files, "A receipt of every file", patience);
        await Eventually.GetAsync(
            async () => (int)(await service.GetJsonAsync("api/health"))["openChunks"]!, open => open == 0, "Everything sealed", patience);

        List<JsonObject> receipts = await service.ReceiptsAsync();
        Assert.Equal(files, receipts.Count);
        Assert.All(receipts, receipt => Assert.Equal("complete", (string)receipt["state"]!));
        List<JsonObject> listed = await service.TracesAsync();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), listed.Select(trace => (string)trace["traceId"]!).Order(StringComparer.Ordinal));
        foreach (JsonObject item in listed)
        {
            string id = (string)item["traceId"]!;
            JsonObject trace = (await service.FindTraceAsync(id))!;
            Assert.True(RunningService.IsSealed(trace));
            Assert.Equal((int)trace["revision"]!, (int)item["revision"]!);
            Assert.Equal((int)trace["spanCount"]!, (int)item["spanCount"]!);
            Offline.AssertSame(expected[id], trace);
        }
    }
}
