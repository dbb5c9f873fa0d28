using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.TestSupport.Storage;

/// <summary>All that storage holds of traces, to be compared.</summary>
/// <param name="Sealed">Each trace's revision and content.</param>
/// <param name="Summaries">Each summary in a block, as text.</param>
/// <param name="Aggregates">What all blocks add up to, as text.</param>
/// <param name="OpenChunks">The keys of open chunks.</param>
internal sealed record StoredState(
    IReadOnlyDictionary<TraceId, (int Revision, string Spans)> Sealed,
    IReadOnlyList<string> Summaries,
    IReadOnlyList<string> Aggregates,
    IReadOnlyList<string> OpenChunks)
{
    /// <summary>
    /// Reads everything, and checks that every trace's summary is in the block that its row names, and nowhere else, and that the aggregates are those of
    /// what is stored now.
    /// </summary>
    public static async Task<StoredState> ReadAsync(StorageTest test)
    {
        var traces = new Dictionary<TraceId, (int, string)>();
        var blocks = new Dictionary<TraceId, BlockKey>();
        var spilled = new List<string>();
        var expected = new TraceAggregates();
        foreach (TableEntity row in await StorageTest.RowsAsync(test.Clients.Traces))
        {
            Assert.True(TraceId.TryParse(row.RowKey, out TraceId id));
            StoredTrace stored = (await test.Traces.FindAsync(id, CancellationToken.None))!;
            traces.Add(id, (stored.Revision, SpanBatches.Describe(stored.Packed)));
            blocks.Add(id, stored.Block);
            expected.Merge(Contribution(stored, test.Analysis));
            spilled.AddRange(stored.SpilledTo is { } blob ? [blob] : []);
        }

        var summaries = new List<string>();
        var aggregates = new TraceAggregates();
        var rows = new BlockRows(test.Clients);
        foreach (TableEntity row in await StorageTest.RowsAsync(test.Clients.TraceBlocks))
        {
            foreach (string property in new[] { "Blob", "AggregatesBlob" })
            {
                spilled.AddRange(row.GetString(property) is { } blob ? [blob] : []);
            }

            BlockContent block = await rows.ReadAsync(row, CancellationToken.None);
            aggregates.Merge(block.Aggregates);
            foreach (TraceSummary summary in block.Summaries)
            {
                BlockKey own = blocks[summary.TraceId];
                Assert.True(own.RowKey == row.RowKey || MergedBlockRow.Read(row).Contains(own), $"{summary.TraceId} is in {row.RowKey}, not in {own.RowKey}");
                summaries.Add(Describe(summary));
            }
        }

        Assert.Equal(Describe(expected), Describe(aggregates));
        Assert.Subset((await test.SpilledBlobsAsync()).ToHashSet(), spilled.ToHashSet());
        List<TableEntity> chunks = await StorageTest.RowsAsync(test.Clients.SpanChunks);
        return new StoredState(
            traces,
            [.. summaries.Order(StringComparer.Ordinal)],
            Describe(aggregates),
            [.. chunks.Select(row => row.RowKey).Order(StringComparer.Ordinal)]);
    }

    public void AssertEquals(StoredState other)
    {
        Assert.Equal(Sealed.OrderBy(item => item.Key), other.Sealed.OrderBy(item => item.Key));
        Assert.Equal(Summaries, other.Summaries);
        Assert.Equal(Aggregates, other.Aggregates);
        Assert.Equal(OpenChunks, other.OpenChunks);
    }

    private static string Describe(TraceSummary summary) =>
        $"{summary.TraceId} r{summary.Revision} {summary.StartUnixNano}+{summary.DurationNano} {summary.Status} {summary.SpanCount}/{summary.ErrorCount} "
        + $"{summary.RootService} {summary.RootOperation} {summary.Environment} [{string.Join(',', summary.Services)}] [{string.Join(',', summary.Operations)}]";

    private static TraceAggregates Contribution(StoredTrace stored, AnalysisOptions analysis)
    {
        var spans = new SpanBatch();
        new SpanUnpacker().Unpack(stored.Packed.Span, spans);
        var trace = new Trace(spans, new SpanMerger().Merge(spans)[0]);
        return TraceAggregates.Of(trace, stored.Block.Hour, stored.Count, analysis);
    }

    internal static List<string> Describe(TraceAggregates aggregates)
    {
        var lines = new List<string>();
        lines.AddRange(aggregates.Latency.All.Select(item => $"{item.Series} {item.Minute} {Describe(item.Measures)}"));
        lines.AddRange(aggregates.Attributes.All.Select(item => $"{item.Series} {item.Minute} {Describe(item.Measures)}"));
        lines.AddRange(aggregates.Dependencies.All.Select(item => $"{item.Series} {item.Minute} {Describe(item.Measures)}"));
        lines.AddRange(aggregates.Business.All.Select(item => $"{item.Series} {item.Minute} {Describe(item.Measures)}"));
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string Describe<TMeasures>(TMeasures measures)
        where TMeasures : IMeasures<TMeasures>
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        measures.Write(writer);
        writer.Flush();
        return Convert.ToHexStringLower(bytes.ToArray());
    }
}
