using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

public sealed class ReadBatchTests
{
    private static readonly ReadLimits Limits = new() { SpansPerBatch = 2 };

    [Fact]
    public async Task A_source_is_read_into_a_batch_that_is_cleared_each_time()
    {
        await using SpanSourceReader reader = Open(lines: 5);
        var batch = new SpanBatch();
        var counts = new List<int>();
        while (await reader.ReadBatchAsync(batch, CancellationToken.None))
        {
            counts.Add(batch.Count);
            batch.Clear();
        }

        Assert.Equal([2, 2, 1], counts);
    }

    [Fact]
    public async Task A_batch_that_is_full_already_is_refused_rather_than_read_for_ever()
    {
        await using SpanSourceReader reader = Open(lines: 5);
        var batch = new SpanBatch();
        Assert.True(await reader.ReadBatchAsync(batch, CancellationToken.None));

        await Assert.ThrowsAsync<ArgumentException>(() => reader.ReadBatchAsync(batch, CancellationToken.None).AsTask());

        batch.Clear();
        Assert.True(await reader.ReadBatchAsync(batch, CancellationToken.None));
        Assert.Equal(2, batch.Count);
    }

    private static SpanSourceReader Open(int lines)
    {
        IEnumerable<string> records = Enumerable.Range(1, lines).Select(number => $$"""
            {"event":"span_end","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"{{number:x16}}","service":"shop","operation":"buy","timestamp":"2026-02-26T18:00:00Z","duration_ms":1}
            """);
        return new SpanSourceReader(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', records))), "shop.log", Limits);
    }
}
