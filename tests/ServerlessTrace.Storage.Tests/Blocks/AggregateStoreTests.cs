using System.Text;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;
using ZstdSharp;

namespace ServerlessTrace.Storage.Tests.Blocks;

public sealed class AggregateStoreTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const int Minute = (int)(TraceBuilder.Epoch / 60_000_000_000);
    private static readonly LatencySeries Orders = new("gateway", "GET /orders", "", LatencyStep.Trace);

    [Fact]
    public async Task Sealed_traces_are_measured_in_the_minute_in_which_they_started()
    {
        await SealAllAsync(
            SpanBatches.Complete(SpanBatches.IdIn(3, 0)),
            SpanBatches.Complete(SpanBatches.IdIn(2, 0), start: 59_900),
            SpanBatches.Complete(SpanBatches.IdIn(1, 0), start: 60_000));

        TraceAggregates all = await ReadAsync(0, 60);
        Assert.Equal([(Minute, 2.0), (Minute + 1, 1.0)], Counts(all, Orders));
        Assert.Equal([(Minute, 2.0), (Minute + 1, 1.0)], Counts(all, new LatencySeries("orders", "load", "", LatencyStep.Span)));
        Assert.All(all.Latency.All, item => Assert.Equal(0, item.Measures.Errors.Value));
        LatencyMeasures measured = all.Latency.All.First(item => item.Series == Orders).Measures;
        Assert.InRange(measured.Durations.Quantile(0.5), 99e6, 101e6);
        Assert.Equal(3, all.Dependencies.All.Sum(item => item.Measures.Count.Value));

        Assert.Equal([(Minute + 1, 1.0)], Counts(await ReadAsync(1, 2), Orders));
        Assert.Empty(Counts(await ReadAsync(2, 60), Orders));
    }

    [Fact]
    public async Task A_span_that_starts_in_the_hour_after_its_trace_is_found_there()
    {
        Clock.Advance(TimeSpan.FromHours(3));
        await SealAllAsync(new TraceBuilder(SpanBatches.IdIn(3, 0))
            .Span(1, "gateway", "GET /orders", 0, 7_300_000)
            .Span(2, "orders", "later", 3_660_000, 3_670_000, parent: 1)
            .Span(3, "orders", "much later", 7_260_000, 7_270_000, parent: 1)
            .Flush());

        Assert.Equal([(Minute + 61, 1.0)], Counts(await ReadAsync(61, 62), new LatencySeries("orders", "later", "", LatencyStep.Span)));

        // Two hours are covered: what starts later is counted in the last minute of them.
        Assert.Equal([(Minute + 119, 1.0)], Counts(await ReadAsync(0, 120), new LatencySeries("orders", "much later", "", LatencyStep.Span)));
    }

    [Fact]
    public void What_was_written_before_the_durations_of_failures_were_kept_is_read()
    {
        var texts = new NumberedTexts();
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body, Encoding.UTF8);
        writer.Write7BitEncodedInt(1); // one series of latency, from this minute on
        writer.Write7BitEncodedInt(Minute);
        writer.Write7BitEncodedInt(texts.Number(Orders.Service));
        writer.Write7BitEncodedInt(texts.Number(Orders.Operation));
        writer.Write7BitEncodedInt(texts.Number(Orders.Environment));
        writer.Write((byte)Orders.Step);
        writer.Write7BitEncodedInt(1); // one minute: the same
        writer.Write7BitEncodedInt(0);
        var durations = new LatencySketch();
        durations.Add(5_000_000);
        durations.Write(writer);
        writer.Write7BitEncodedInt64(0); // all ended, one failed
        writer.Write7BitEncodedInt64(AdjustedCount.One.Units);
        writer.Write(new byte[4]); // no dependencies, no business values
        writer.Flush();
        using var compressor = new Compressor();

        TraceAggregates read = AggregateEncoding.Read([1, .. compressor.Wrap(texts.Before(body))]);

        (LatencySeries series, int minute, LatencyMeasures measures) = Assert.Single(read.Latency.All);
        Assert.Equal((Orders, Minute), (series, minute));
        Assert.Equal((AdjustedCount.One, AdjustedCount.One), (measures.Count, measures.Errors));
    }

    [Fact]
    public async Task The_last_minutes_are_read_by_few_requests_however_much_was_sealed_before()
    {
        for (int i = 0; i < 40; i++)
        {
            await SealAllAsync(SpanBatches.Complete(SpanBatches.IdIn(i % 4, i), start: i * 60_000));
            Clock.Advance(TimeSpan.FromSeconds(49));
        }

        Requests.Clear();
        TraceAggregates last = await ReadAsync(35, 40);
        Assert.Equal(5, Counts(last, Orders).Count);
        Assert.InRange(Requests.Count, 1, 3);
    }

    private async Task SealAllAsync(params SpanBatch[] batches)
    {
        await WriteAsync(Guid.NewGuid().ToString(), SpanBatches.Join(batches));
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();
    }

    private Task<TraceAggregates> ReadAsync(int fromMinute, int toMinute) => Aggregates.ReadAsync(
        DateTimeOffset.FromUnixTimeSeconds((Minute + fromMinute) * 60L), DateTimeOffset.FromUnixTimeSeconds((Minute + toMinute) * 60L), CancellationToken.None);

    private static List<(int Minute, double Count)> Counts(TraceAggregates aggregates, LatencySeries series) =>
        [.. aggregates.Latency.All.Where(item => item.Series == series).Select(item => (item.Minute, item.Measures.Count.Value)).Order()];
}
