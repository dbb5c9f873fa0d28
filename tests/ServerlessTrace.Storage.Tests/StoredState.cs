using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Tests;

/// <summary>All that storage holds of traces, to be compared.</summary>
/// <param name="Sealed">Each trace's revision and content.</param>
/// <param name="Summaries">Each summary in a block, as text.</param>
/// <param name="OpenChunks">The keys of open chunks.</param>
internal sealed record StoredState(
    IReadOnlyDictionary<TraceId, (int Revision, string Spans)> Sealed, IReadOnlyList<string> Summaries, IReadOnlyList<string> OpenChunks)
{
    /// <summary>Reads everything, and checks that every trace's summary is in the block that its row names, and nowhere else.</summary>
    public static async Task<StoredState> ReadAsync(StorageTest test)
    {
        var traces = new Dictionary<TraceId, (int, string)>();
        var blocks = new Dictionary<TraceId, BlockKey>();
        var spilled = new List<string>();
        foreach (TableEntity row in await StorageTest.RowsAsync(test.Clients.Traces))
        {
            Assert.True(TraceId.TryParse(row.RowKey, out TraceId id));
            StoredTrace stored = (await test.Traces.FindAsync(id, CancellationToken.None))!;
            traces.Add(id, (stored.Revision, SpanBatches.Describe(stored.Packed)));
            blocks.Add(id, stored.Block);
            spilled.AddRange(stored.SpilledTo is { } blob ? [blob] : []);
        }

        var summaries = new List<string>();
        foreach (TableEntity row in await StorageTest.RowsAsync(test.Clients.TraceBlocks))
        {
            byte[] block = row.GetString("Blob") is { } blob
                ? (await test.Clients.Spilled.GetBlobClient(blob).DownloadContentAsync()).Value.Content.ToArray()
                : PackedProperties.Read(row);
            foreach (TraceSummary summary in SummaryBlockEncoding.Read(block))
            {
                Assert.Equal(blocks[summary.TraceId].RowKey, row.RowKey);
                summaries.Add(Describe(summary));
            }
        }

        Assert.Subset((await test.SpilledBlobsAsync()).ToHashSet(), spilled.ToHashSet());
        List<TableEntity> chunks = await StorageTest.RowsAsync(test.Clients.SpanChunks);
        return new StoredState(traces, [.. summaries.Order(StringComparer.Ordinal)], [.. chunks.Select(row => row.RowKey).Order(StringComparer.Ordinal)]);
    }

    public void AssertEquals(StoredState other)
    {
        Assert.Equal(Sealed.OrderBy(item => item.Key), other.Sealed.OrderBy(item => item.Key));
        Assert.Equal(Summaries, other.Summaries);
        Assert.Equal(OpenChunks, other.OpenChunks);
    }

    private static string Describe(TraceSummary summary) =>
        $"{summary.TraceId} r{summary.Revision} {summary.StartUnixNano}+{summary.DurationNano} {summary.Status} {summary.SpanCount}/{summary.ErrorCount} "
        + $"{summary.RootService} {summary.RootOperation} {summary.Environment} [{string.Join(',', summary.Services)}] [{string.Join(',', summary.Operations)}]";
}
