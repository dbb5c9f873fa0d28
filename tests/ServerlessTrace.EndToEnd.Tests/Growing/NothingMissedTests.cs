using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Ingest;
using ServerlessTrace.Functions.Ingest.Blobs;

namespace ServerlessTrace.EndToEnd.Tests.Growing;

/// <summary>Blobs and appends that no trigger reports are found by sweeps.</summary>
public sealed class NothingMissedTests : GrowingTest
{
    private static Dictionary<string, string> Swept => new(Settings)
    {
        ["Ingest:SweepGrace"] = "00:00:00",
        ["Ingest:SweepPeriod"] = "00:00:01",
    };

    [Fact]
    public async Task Without_any_trigger_blobs_and_what_is_appended_to_them_are_read()
    {
        byte[] first = Generate(100, 61);
        byte[] growing = Generate(100, 62);
        await SpanLogs.CreateIfNotExistsAsync();
        await SpanLogs.GetBlobClient("dropped/while/nobody/ran.ndjson").UploadAsync(BinaryData.FromBytes(first));
        AppendBlobClient blob = await NewAppendBlobAsync("growing.ndjson");
        await AppendAsync(blob, growing.AsMemory(0, 20_000));

        var patient = new Dictionary<string, string>(Swept) { ["Ingest:AppendQuietPeriod"] = "00:01:00" };
        await using RunningService service = await RunningService.StartAsync(ConnectionString, patient, without: typeof(SpanLogBlobFunction));
        await ReadToAsync(service, "growing.ndjson", 10_000);
        await AppendAsync(blob, growing.AsMemory(20_000));

        AssertCoveredOnce(await ReadToAsync(service, "growing.ndjson", growing.Length), growing.Length);
        Assert.Single(await ReceiptsOfAsync(service, "dropped/while/nobody/ran.ndjson"));
        await AssertSameAsync(service, await AnalyzeAsync(first, growing));
    }

    [Fact]
    public async Task A_run_lists_few_pages_however_many_blobs_there_are_and_the_next_goes_on()
    {
        await SpanLogs.CreateIfNotExistsAsync();
        for (int i = 0; i < 25; i++)
        {
            await SpanLogs.GetBlobClient($"{i:d3}.ndjson").UploadAsync(BinaryData.FromBytes(Generate(10, 100 + (ulong)i)));
        }

        var settings = new Dictionary<string, string>(Swept) { ["Ingest:SweepPages"] = "1", ["Ingest:SweepPageBlobs"] = "10" };
        await using RunningService service = await RunningService.StartAsync(
            ConnectionString,
            settings,
            typeof(SpanLogBlobFunction),
            typeof(SpanLogQueueFunction),
            typeof(BlobToReadFunction),
            typeof(MissedBlobsFunction),
            typeof(GrowingBlobsFunction));
        MissedBlobs missed = service.Host.Services.GetRequiredService<MissedBlobs>();
        long Lists() => service.Host.StorageRequests.ByOperation.GetValueOrDefault("GET span-logs");

        // Blobs of this very second may still be on their way through a trigger.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var found = new List<int>();
        for (int run = 0; run < 3; run++)
        {
            found.Add(await missed.SweepAsync(CancellationToken.None));
            Assert.Equal(run + 1, Lists());
        }

        Assert.Equal([10, 10, 5], found);
        Assert.Equal(25, (int)(await service.Queue("blobs-to-read").GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task What_was_taken_in_is_not_missed()
    {
        await using RunningService service = await RunningService.StartAsync(
            ConnectionString, new Dictionary<string, string>(Swept) { ["Ingest:RangeBytes"] = "65536" }, typeof(MissedBlobsFunction), typeof(SpanLogQueueFunction));
        await service.DropAsync("small.ndjson", BinaryData.FromBytes(Generate(20, 71)));
        await service.DropAsync("bad.bin", BinaryData.FromBytes(new byte[100]));
        byte[] huge = Generate(400, 72);
        await service.DropAsync("huge.ndjson", BinaryData.FromBytes(huge));
        AppendBlobClient growing = await NewAppendBlobAsync("growing.ndjson");
        byte[] appended = Generate(20, 73);
        await AppendAsync(growing, appended);
        await ReadToAsync(service, "huge.ndjson", huge.Length);
        await ReadToAsync(service, "growing.ndjson", appended.Length);
        await service.ReceiptAsync("bad.bin");
        await service.ReceiptAsync("small.ndjson");

        // Long enough ago that they count as missed if nothing knew them.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        MissedBlobs missed = service.Host.Services.GetRequiredService<MissedBlobs>();
        long before = service.Host.StorageRequests.ByOperation.GetValueOrDefault("GET span-logs");
        Assert.Equal(0, await missed.SweepAsync(CancellationToken.None));
        Assert.True(service.Host.StorageRequests.ByOperation.GetValueOrDefault("GET span-logs") > before, "Nothing was listed.");
    }
}
