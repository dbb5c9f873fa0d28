using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Chunks;

public sealed class ChunkStoreTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    [Fact]
    public async Task A_batch_becomes_one_row_a_shard_and_comes_back_whole()
    {
        SpanBatch batch = SpanBatches.Generated(2_000, LoadShape.Benchmark);

        await Chunks.WriteAsync(Source("a"), 0, batch, CancellationToken.None);

        List<TableEntity> rows = await RowsAsync(Clients.SpanChunks);
        Assert.Equal(Shard.All.Select(shard => shard.PartitionKey), rows.Select(row => row.PartitionKey).Order(StringComparer.Ordinal));
        var back = new SpanBatch();
        foreach (Shard shard in Shard.All)
        {
            foreach (OpenChunk chunk in await Chunks.ReadAsync(shard, CancellationToken.None))
            {
                new SpanUnpacker().Unpack(chunk.Packed.Span, back);
            }
        }

        Assert.Equal(Lines(batch), Lines(back));
    }

    [Fact]
    public async Task A_redelivery_writes_the_same_rows_and_other_batches_and_sources_write_others()
    {
        SpanBatch batch = SpanBatches.Generated(200, LoadShape.Benchmark);
        await Chunks.WriteAsync(Source("a"), 0, batch, CancellationToken.None);
        string[] once = await KeysAsync();

        await Chunks.WriteAsync(Source("a"), 0, batch, CancellationToken.None);
        string[] twice = await KeysAsync();
        await Chunks.WriteAsync(Source("a"), 1, batch, CancellationToken.None);
        await Chunks.WriteAsync(Source("b"), 0, batch, CancellationToken.None);

        Assert.Equal(once, twice);
        Assert.Equal(once.Length * 3, (await KeysAsync()).Distinct().Count());
    }

    [Fact]
    public async Task A_batch_too_big_for_a_row_is_split_the_same_way_every_time()
    {
        TraceId id = SpanBatches.IdIn(1, 0);
        SpanBatch big = SpanBatches.Big(id, 2_000, 1_200);

        await Chunks.WriteAsync(Source("a"), 0, big, CancellationToken.None);
        string[] once = await KeysAsync();
        await Chunks.WriteAsync(Source("a"), 0, big, CancellationToken.None);

        Assert.InRange(once.Length, 3, 8);
        Assert.Equal(once, await KeysAsync());
        Assert.Empty(await SpilledBlobsAsync());
        var back = new SpanBatch();
        Assert.True(await Chunks.ReadTraceAsync(id, back, CancellationToken.None));
        Assert.Equal(Lines(big), Lines(back));
    }

    [Theory]
    [InlineData(560_000)]
    [InlineData(589_000)]
    [InlineData(589_700)]
    public async Task A_row_just_within_the_limit_is_accepted_with_its_directory(int noise)
    {
        // The many small traces bring the directory to its limit, the big span the packed property.
        var small = new SpanBatch[7_990];
        TraceId big = SpanBatches.IdIn(1, 0);
        for (int i = 0; i < small.Length; i++)
        {
            ref SpanRecord span = ref (small[i] = new SpanBatch()).AddSpan();
            span.TraceId = new TraceId(big.High, big.Low + ((ulong)i + 1));
            span.SpanId = new SpanId(1);
            span.Flags = SpanFlags.Started;
        }

        SpanBatch all = SpanBatches.Join(small);
        SpanBatch batch = SpanBatches.Join(SpanBatches.Where(all, span => Shard.Of(span.TraceId).Number == 1), SpanBatches.Big(big, 100, (noise - 300_000) / 75));

        await Chunks.WriteAsync(Source("a"), 0, batch, CancellationToken.None);

        var back = new SpanBatch();
        foreach (OpenChunk chunk in await Chunks.ReadAsync(new Shard(1), CancellationToken.None))
        {
            new SpanUnpacker().Unpack(chunk.Packed.Span, back);
        }

        Assert.Equal(Lines(batch), Lines(back));
    }

    [Fact]
    public async Task A_record_too_big_for_a_row_goes_to_a_blob_that_goes_with_its_row()
    {
        TraceId id = SpanBatches.IdIn(1, 0);
        await Chunks.WriteAsync(Source("a"), 0, SpanBatches.Join(SpanBatches.Huge(id), SpanBatches.Complete(id)), CancellationToken.None);

        var back = new SpanBatch();
        Assert.True(await Chunks.ReadTraceAsync(id, back, CancellationToken.None));
        Assert.Equal(3, back.Count);
        Assert.Single(await SpilledBlobsAsync());
        await Chunks.DeleteAsync(await Chunks.ReadAsync(new Shard(1), CancellationToken.None), CancellationToken.None);
        Assert.Empty(await SpilledBlobsAsync());
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_huge_record_that_was_delivered_again_meanwhile_is_not_deleted_with_the_first_delivery()
    {
        TraceId id = SpanBatches.IdIn(1, 0);
        await Chunks.WriteAsync(Source("a"), 0, SpanBatches.Huge(id), CancellationToken.None);
        List<OpenChunk> read = await Chunks.ReadAsync(new Shard(1), CancellationToken.None);
        await Chunks.WriteAsync(Source("a"), 0, SpanBatches.Huge(id), CancellationToken.None);

        await Chunks.DeleteAsync(read, CancellationToken.None);

        Assert.True(await Chunks.ReadTraceAsync(id, new SpanBatch(), CancellationToken.None));
    }

    [Fact]
    public async Task Chunks_written_again_meanwhile_are_neither_deleted_nor_shrunk()
    {
        SpanBatch batch = SpanBatches.Join(SpanBatches.Complete(SpanBatches.IdIn(1, 0)), SpanBatches.Started(SpanBatches.IdIn(1, 1)));
        await Chunks.WriteAsync(Source("a"), 0, batch, CancellationToken.None);
        await Chunks.WriteAsync(Source("b"), 0, batch, CancellationToken.None);
        List<OpenChunk> read = await Chunks.ReadAsync(new Shard(1), CancellationToken.None);
        await Chunks.WriteAsync(Source("a"), 0, batch, CancellationToken.None);

        await Chunks.KeepOnlyAsync(read.Single(chunk => chunk.RowKey.StartsWith(Source("a").Hex, StringComparison.Ordinal)), _ => false, CancellationToken.None);
        await Chunks.DeleteAsync(read, CancellationToken.None);

        OpenChunk left = Assert.Single(await Chunks.ReadAsync(new Shard(1), CancellationToken.None));
        Assert.StartsWith(Source("a").Hex, left.RowKey, StringComparison.Ordinal);
        Assert.Equal(3, SpanBatches.Describe(left.Packed).Split('\n').Length);
    }

    [Fact]
    public async Task A_trace_is_found_in_all_of_its_chunks_and_only_there()
    {
        TraceId id = SpanBatches.IdIn(1, 0);
        await WriteAsync("a", SpanBatches.Join(SpanBatches.Started(id), SpanBatches.Complete(SpanBatches.IdIn(1, 1))));
        await WriteAsync("b", SpanBatches.Complete(SpanBatches.IdIn(1, 2)));
        await WriteAsync("c", SpanBatches.Ended(id));
        Requests.Clear();

        var back = new SpanBatch();
        bool found = await Chunks.ReadTraceAsync(id, back, CancellationToken.None);

        Assert.True(found);
        Assert.Equal(Lines(SpanBatches.Join(SpanBatches.Started(id), SpanBatches.Ended(id))), Lines(back));
        Assert.Equal(3, Requests.Count);
        Assert.False(await Chunks.ReadTraceAsync(SpanBatches.IdIn(1, 9), back, CancellationToken.None));
        Assert.Equal(2, back.Count);
    }

    [Fact]
    public async Task The_backlog_tells_each_open_shard_its_chunks_and_its_oldest()
    {
        DateTimeOffset first = Clock.GetUtcNow();
        await WriteAsync("a", SpanBatches.Started(SpanBatches.IdIn(1, 0)));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await WriteAsync("b", SpanBatches.Started(SpanBatches.IdIn(1, 1)));
        await WriteAsync("c", SpanBatches.Started(SpanBatches.IdIn(2, 0)));

        IReadOnlyList<OpenShard> open = await Chunks.ReadOpenShardsAsync(CancellationToken.None);

        Assert.Equal([new OpenShard(new Shard(1), 2, first), new OpenShard(new Shard(2), 1, Clock.GetUtcNow())], open);
    }

    [Fact]
    public void Ids_that_are_random_in_one_part_only_spread_over_all_shards()
    {
        var random = new Random(7);
        foreach (Func<ulong, TraceId> make in new Func<ulong, TraceId>[]
        {
            n => new TraceId(0, n), n => new TraceId(n, 0), n => new TraceId(0x6543_2100_0000_0000 | (n >> 32), n << 32), n => new TraceId(0, n & 0xFFFF_FFFF),
        })
        {
            int[] counts = new int[Shard.Count];
            for (int i = 0; i < 16_000; i++)
            {
                counts[Shard.Of(make((ulong)random.NextInt64())).Number]++;
            }

            Assert.All(counts, count => Assert.InRange(count, 3_400, 4_600));
        }
    }

    private async Task<string[]> KeysAsync() =>
        [.. (await RowsAsync(Clients.SpanChunks)).Select(row => row.RowKey).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(SpanBatch batch) =>
        Enumerable.Range(0, batch.Count).Select(i => SpanBatchText.Describe(batch, i)).Order(StringComparer.Ordinal);
}
