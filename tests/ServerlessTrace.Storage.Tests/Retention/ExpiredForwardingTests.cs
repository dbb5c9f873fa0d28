using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Retention;

/// <summary>What waits to be forwarded does not wait for ever, also where nobody forwards any more.</summary>
public sealed class ExpiredForwardingTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private readonly ForwardOptions _forward = new();

    /// <summary>4 o'clock, when it looks; Azurite dates blobs by the real clock.</summary>
    private static DateTimeOffset InDays(DateTimeOffset from, double days) => new(from.UtcDateTime.Date.AddDays(days).AddHours(4), TimeSpan.Zero);

    [Fact]
    public async Task What_waits_longer_than_traces_are_kept_goes_with_its_blob()
    {
        await AddAsync(SpanBatches.Complete(SpanBatches.IdIn(3, 0)), SpanBatches.Huge(SpanBatches.IdIn(3, 1)));
        await Clients.Spilled.GetBlobClient("forward/left-by-one-that-died").UploadAsync(BinaryData.FromString("x"), overwrite: true);
        int rows = (await RowsAsync(Clients.ForwardOutbox)).Count;

        Assert.Equal(0, await RunAsync(InDays(Clock.GetUtcNow(), 13)));
        Assert.Equal(2, (await SpilledBlobsAsync()).Count);
        Assert.Equal(rows, await RunAsync(InDays(Clock.GetUtcNow(), 16)));
        Assert.Empty(await RowsAsync(Clients.ForwardOutbox));
        Assert.Equal("forward/left-by-one-that-died", Assert.Single(await SpilledBlobsAsync()));
        Assert.Equal(1, await RunAsync(InDays(DateTimeOffset.UtcNow, 16)));
        Assert.Empty(await SpilledBlobsAsync());
    }

    [Fact]
    public async Task What_is_still_tried_stays()
    {
        _forward.GiveUpAfter = TimeSpan.FromDays(31);
        await AddAsync(SpanBatches.Complete(SpanBatches.IdIn(3, 0)));
        Assert.Equal(0, await RunAsync(InDays(Clock.GetUtcNow(), 30)));
        Assert.Equal(1, await RunAsync(InDays(Clock.GetUtcNow(), 33)));
    }

    [Fact]
    public async Task It_looks_once_a_day()
    {
        await AddAsync(SpanBatches.Complete(SpanBatches.IdIn(3, 0)));
        Assert.Equal(0, await RunAsync(InDays(Clock.GetUtcNow(), 16).AddHours(1)));
    }

    private async Task<int> RunAsync(DateTimeOffset now) =>
        (await new ExpiredForwarding(Clients, Outbox, _forward, new RetentionOptions()).RunAsync(now, null, CancellationToken.None)).Deleted;

    private ForwardOutbox Outbox => new(Clients, _forward, Clock);

    private Task AddAsync(params SpanBatch[] traces) => Outbox.AddAsync(
        new BlockKey(BlockKey.HourOf(TraceBuilder.Epoch), new Shard(3), Clock.GetUtcNow().ToUnixTimeMilliseconds(), 0),
        traces.Select(trace => (ReadOnlyMemory<byte>)new SpanPacker().Pack(trace, 0, trace.Count).ToArray()),
        CancellationToken.None);
}
