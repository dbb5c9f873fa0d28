using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Chunks;

/// <summary>
/// Span parts between ingest and sealing: one row a shard and batch of a source. A row's presence means that something in it
/// is not sealed yet. Its key derives from the source's identity, so that a redelivery overwrites the row with itself.
/// </summary>
public sealed class ChunkStore(StorageClients clients, TimeProvider clock, ErasedTraces? erased = null)
{
    private const string WrittenAt = "At";
    private const string Directory = "Dir";
    private const string SpilledTo = "Blob";
    private const int DirectoryLimit = 8_000;
    private const int RowsPerTransaction = 100;

    /// <summary>Rows a page: a row may be almost a mebibyte, and the client holds a page several times.</summary>
    private const int RowsPerPage = 16;

    private readonly ConcurrentBag<SpanPacker> _packers = [];
    private readonly ConcurrentBag<(SpanUnpacker Unpacker, SpanBatch Batch)> _unpackers = [];

    /// <summary>Stores a batch of span parts, but those of traces that were erased.</summary>
    public async Task WriteAsync(SourceId source, int batchNumber, SpanBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var writes = new List<Task>();
        if (erased is not null)
        {
            await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        (int[] order, int[] ends) = OrderByShard(batch, erased);
        for (int shard = 0, start = 0; shard < Shard.Count; start = ends[shard++])
        {
            if (ends[shard] > start)
            {
                WriteParts(source, batchNumber, new Shard(shard), 0, batch, order.AsMemory(start, ends[shard] - start), writes, cancellationToken);
            }
        }

        await Task.WhenAll(writes).ConfigureAwait(false);
    }

    /// <summary>All open chunks of a shard, page by page, those of a source together; what is deleted meanwhile may be among them or not.</summary>
    public async IAsyncEnumerable<IReadOnlyList<OpenChunk>> ReadPagesAsync(Shard shard, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard.PartitionKey}");
        AsyncPageable<TableEntity> rows = clients.SpanChunks.QueryAsync<TableEntity>(filter, RowsPerPage, cancellationToken: cancellationToken);
        await foreach (Page<TableEntity> page in rows.AsPages().ConfigureAwait(false))
        {
            var chunks = new List<OpenChunk>(page.Values.Count);
            foreach (TableEntity row in page.Values)
            {
                if (await ToChunkAsync(shard, row, cancellationToken).ConfigureAwait(false) is { } chunk)
                {
                    chunks.Add(chunk);
                }
            }

            yield return chunks;
        }
    }

    /// <summary>The open parts of one trace, appended to a batch; false where there are none, or none any more.</summary>
    public async Task<bool> ReadTraceAsync(TraceId trace, SpanBatch into, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(into);
        Shard shard = Shard.Of(trace);
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard.PartitionKey}");
        var reads = new List<Task<OpenChunk?>>();

        // The directories first: a shard's chunks may be many megabytes, a trace is in few of them.
        await foreach (TableEntity row in clients.SpanChunks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey", Directory], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (MayHold(row, low => low == trace.Low))
            {
                reads.Add(FindAsync(shard, row.RowKey, cancellationToken));
            }
        }

        OpenChunk?[] chunks = await Task.WhenAll(reads).ConfigureAwait(false);
        if (Array.Exists(chunks, static chunk => chunk is null))
        {
            // Sealed since the query: half of a trace would look like all that is open of it.
            return false;
        }

        bool found = false;
        foreach (OpenChunk? chunk in chunks)
        {
            found |= CopyTrace(chunk!.Packed, trace, into);
        }

        return found;
    }

    /// <summary>The shards with open chunks.</summary>
    public async Task<IReadOnlyList<OpenShard>> ReadOpenShardsAsync(CancellationToken cancellationToken)
    {
        var open = new Dictionary<Shard, OpenShard>();
        await foreach (TableEntity row in clients.SpanChunks.QueryAsync<TableEntity>(
            select: ["PartitionKey", WrittenAt], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (Shard.TryParse(row.PartitionKey, out Shard shard))
            {
                DateTimeOffset writtenAt = ReadWrittenAt(row);
                open[shard] = open.TryGetValue(shard, out OpenShard? known)
                    ? new OpenShard(shard, known.Chunks + 1, writtenAt < known.OldestWrittenAt ? writtenAt : known.OldestWrittenAt)
                    : new OpenShard(shard, 1, writtenAt);
            }
        }

        return [.. open.Values.OrderBy(shard => shard.Shard.Number)];
    }

    /// <summary>Deletes chunks whose every trace is sealed. A chunk that was written again meanwhile stays, to be looked at again.</summary>
    public async Task DeleteAsync(IReadOnlyList<OpenChunk> chunks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        foreach (OpenChunk[] group in chunks.Chunk(RowsPerTransaction))
        {
            IEnumerable<OpenChunk> gone = group;
            try
            {
                await clients.SpanChunks.SubmitTransactionAsync(
                    group.Select(chunk => new TableTransactionAction(TableTransactionActionType.Delete, Key(chunk), chunk.ETag)),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (TableTransactionFailedException)
            {
                // Another sealer deleted one, or a redelivery wrote one again: the others still go.
                bool[] isGone = await Task.WhenAll(group.Select(chunk => DeleteOneAsync(chunk, cancellationToken))).ConfigureAwait(false);
                gone = group.Where((_, i) => isGone[i]);
            }

            foreach (OpenChunk chunk in gone.Where(chunk => chunk.SpilledTo is not null))
            {
                await clients.Spilled.DeleteBlobIfExistsAsync(chunk.SpilledTo, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Deletes chunks that were written before a time: nothing that can be read stays open that long. Returns how many.</summary>
    internal async Task<int> DeleteOlderAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var old = new List<TableEntity>();
        string filter = TableClient.CreateQueryFilter($"At lt {time.ToUnixTimeMilliseconds()}");
        await foreach (TableEntity row in clients.SpanChunks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            old.Add(row);
        }

        return await clients.SpanChunks.DeleteRowsAsync(old, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Shrinks a chunk to the traces that are still open, unless it was written again meanwhile.</summary>
    public async Task KeepOnlyAsync(OpenChunk chunk, Func<TraceId, bool> isOpen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        ArgumentNullException.ThrowIfNull(isOpen);
        if (chunk.SpilledTo is not null)
        {
            // A spilled chunk is one huge record; it is deleted as a whole once sealed.
            return;
        }

        // Where it is not as it was read any more, someone else deleted it or wrote it again, who then decides about it.
        await TryKeepOnlyAsync(chunk, isOpen, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases the parts of traces from a shard's chunks; a chunk that cannot be read stays, and is deleted when it is old. Returns how many chunks changed.</summary>
    internal async Task<int> EraseAsync(Shard shard, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        var lows = traces.Select(trace => trace.Low).ToHashSet();
        var rows = new List<string>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {shard.PartitionKey}");
        await foreach (TableEntity row in clients.SpanChunks.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey", Directory], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (MayHold(row, lows.Contains))
            {
                rows.Add(row.RowKey);
            }
        }

        int changed = 0;
        foreach (string rowKey in rows)
        {
            bool? isChanged;
            while ((isChanged = await TryEraseAsync(shard, rowKey, traces, cancellationToken).ConfigureAwait(false)) is null)
            {
                // Shrunk by a sealer, or written again by a redelivery, meanwhile.
            }

            changed += isChanged.Value ? 1 : 0;
        }

        return changed;
    }

    /// <summary>The open traces of a shard that are looked for, with the hour in which each began, as far as it is known by one chunk; one may come several times.</summary>
    internal async IAsyncEnumerable<(TraceId Trace, int Hour)> FindAsync(Shard shard, Func<Trace, bool> isLookedFor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (IReadOnlyList<OpenChunk> page in ReadPagesAsync(shard, cancellationToken).ConfigureAwait(false))
        {
            foreach (OpenChunk chunk in page)
            {
                foreach ((TraceId Trace, int Hour) found in PackedTraces.Find(chunk.Packed, isLookedFor))
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>Erases traces from a chunk; false where it has none of them or is gone, null where it is not as it was read any more.</summary>
    private async Task<bool?> TryEraseAsync(Shard shard, string rowKey, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        if (await FindAsync(shard, rowKey, cancellationToken).ConfigureAwait(false) is not { } chunk)
        {
            return false;
        }

        HashSet<TraceId> held = [.. PackedTraces.Find(chunk.Packed, static _ => true).Select(found => found.Trace)];
        if (!held.Overlaps(traces))
        {
            return false;
        }

        if (!held.IsSubsetOf(traces))
        {
            return await TryKeepOnlyAsync(chunk, trace => !traces.Contains(trace), cancellationToken).ConfigureAwait(false) ? true : null;
        }

        try
        {
            await clients.SpanChunks.DeleteEntityAsync(shard.PartitionKey, rowKey, chunk.ETag, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 412)
        {
            return null;
        }

        if (chunk.SpilledTo is not null)
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(chunk.SpilledTo, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private async Task<bool> TryKeepOnlyAsync(OpenChunk chunk, Func<TraceId, bool> isKept, CancellationToken cancellationToken)
    {
        TableEntity row = Shrink(chunk, isKept);
        try
        {
            await clients.SpanChunks.UpdateEntityAsync(row, chunk.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }
    }

    private TableEntity Shrink(OpenChunk chunk, Func<TraceId, bool> isOpen)
    {
        (SpanUnpacker unpacker, SpanBatch batch) = RentUnpacker();
        SpanPacker packer = RentPacker();
        try
        {
            unpacker.Unpack(chunk.Packed.Span, batch);
            int[] kept = [.. Enumerable.Range(0, batch.Count).Where(i => isOpen(batch[i].TraceId))];
            var row = new TableEntity(chunk.Shard.PartitionKey, chunk.RowKey) { [WrittenAt] = chunk.WrittenAt.ToUnixTimeMilliseconds() };
            PackedProperties.Write(row, packer.Pack(batch, kept).Span);
            WriteDirectory(row, batch, kept);
            return row;
        }
        finally
        {
            _packers.Add(packer);
            _unpackers.Add((unpacker, batch));
        }
    }

    private static TableEntity Key(OpenChunk chunk) => new TableEntity(chunk.Shard.PartitionKey, chunk.RowKey);

    /// <summary>Deletes a chunk; false where it was written again, and is to be looked at again. A row that is not there is no error.</summary>
    private async Task<bool> DeleteOneAsync(OpenChunk chunk, CancellationToken cancellationToken)
    {
        try
        {
            await clients.SpanChunks.DeleteEntityAsync(chunk.Shard.PartitionKey, chunk.RowKey, chunk.ETag, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 412)
        {
            return false;
        }
    }

    /// <summary>Packs parts into a row and starts writing it; splits them in two where they are too big for one.</summary>
    private void WriteParts(
        SourceId source, int batchNumber, Shard shard, int part, SpanBatch batch, ReadOnlyMemory<int> spans, List<Task> writes, CancellationToken cancellationToken)
    {
        SpanPacker packer = RentPacker();
        try
        {
            ReadOnlyMemory<byte> packed = packer.Pack(batch, spans.Span);
            if (packed.Length > PackedProperties.MaxBytes && spans.Length > 1)
            {
                // The part's number says how it was split, so that a redelivery makes the same keys.
                WriteParts(source, batchNumber, shard, (part * 2) + 1, batch, spans[..(spans.Length / 2)], writes, cancellationToken);
                WriteParts(source, batchNumber, shard, (part * 2) + 2, batch, spans[(spans.Length / 2)..], writes, cancellationToken);
                return;
            }

            string rowKey = string.Create(CultureInfo.InvariantCulture, $"{source.Hex}-{shard.Number:x2}-{batchNumber:x4}-{part:x4}");
            var row = new TableEntity(shard.PartitionKey, rowKey) { [WrittenAt] = clock.GetUtcNow().ToUnixTimeMilliseconds() };
            WriteDirectory(row, batch, spans.Span);
            writes.Add(packed.Length > PackedProperties.MaxBytes
                ? SpillAsync(row, packed.ToArray(), cancellationToken)
                : UpsertAsync(row, packed.Span, cancellationToken));
        }
        finally
        {
            _packers.Add(packer);
        }
    }

    private Task<Response> UpsertAsync(TableEntity row, ReadOnlySpan<byte> packed, CancellationToken cancellationToken)
    {
        PackedProperties.Write(row, packed);
        return clients.SpanChunks.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
    }

    private async Task SpillAsync(TableEntity row, byte[] packed, CancellationToken cancellationToken)
    {
        // A name of its own for every write: whoever deletes the row as it was cannot take the blob of a redelivery with it.
        // Overwriting is for the client's own repetition, when the answer is lost.
        string blob = $"chunks/{row.RowKey}/{Guid.NewGuid():n}";
        await clients.Spilled.GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(packed), overwrite: true, cancellationToken).ConfigureAwait(false);
        row[SpilledTo] = blob;
        await clients.SpanChunks.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
    }

    private async Task<OpenChunk?> FindAsync(Shard shard, string rowKey, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.SpanChunks.GetEntityIfExistsAsync<TableEntity>(
            shard.PartitionKey, rowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? await ToChunkAsync(shard, found.Value!, cancellationToken).ConfigureAwait(false) : null;
    }

    private async Task<OpenChunk?> ToChunkAsync(Shard shard, TableEntity row, CancellationToken cancellationToken)
    {
        byte[] packed;
        string? blob = row.GetString(SpilledTo);
        if (blob is null)
        {
            packed = PackedProperties.Read(row);
        }
        else
        {
            try
            {
                packed = (await clients.Spilled.GetBlobClient(blob).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content.ToArray();
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                // Its row was deleted, or written again, since the query: another sealer is done with it, or another look takes it.
                return null;
            }
        }

        return new OpenChunk(shard, row.RowKey, row.ETag, ReadWrittenAt(row), packed, blob);
    }

    private static DateTimeOffset ReadWrittenAt(TableEntity row) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(WrittenAt) ?? 0);

    /// <summary>Sorts span numbers by shard, and within a shard so that a trace's spans lie together.</summary>
    internal static (int[] Order, int[] Ends) OrderByShard(SpanBatch batch, ErasedTraces? erased = null)
    {
        int[] ends = new int[Shard.Count];
        var all = new ShardOrder[batch.Count];
        int count = 0;
        for (int i = 0; i < all.Length; i++)
        {
            TraceId trace = batch[i].TraceId;
            if (erased is not null && erased.Contains(trace))
            {
                continue;
            }

            int shard = Shard.Of(trace).Number;
            all[count++] = new ShardOrder(shard, trace, i);
            ends[shard]++;
        }

        Span<ShardOrder> keys = all.AsSpan(0, count);
        keys.Sort();
        int[] order = new int[count];
        for (int i = 0; i < keys.Length; i++)
        {
            order[i] = keys[i].Index;
        }

        for (int shard = 1; shard < Shard.Count; shard++)
        {
            ends[shard] += ends[shard - 1];
        }

        return (order, ends);
    }

    /// <summary>Lists the traces of a chunk by the lower half of their ids, so that a reader need not unpack it to know that a trace is not there.</summary>
    private static void WriteDirectory(TableEntity row, SpanBatch batch, ReadOnlySpan<int> spans)
    {
        var lows = new List<ulong>();
        foreach (int span in spans)
        {
            ulong low = batch[span].TraceId.Low;
            if (lows.Count == 0 || lows[^1] != low)
            {
                lows.Add(low);
            }
        }

        if (lows.Count > DirectoryLimit)
        {
            return;
        }

        byte[] directory = new byte[lows.Count * sizeof(ulong)];
        for (int i = 0; i < lows.Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(directory.AsSpan(i * sizeof(ulong)), lows[i]);
        }

        row[Directory] = directory;
    }

    private static bool MayHold(TableEntity row, Predicate<ulong> isLookedFor)
    {
        if (row.GetBinary(Directory) is not { } directory)
        {
            return true;
        }

        for (int i = 0; i + sizeof(ulong) <= directory.Length; i += sizeof(ulong))
        {
            if (isLookedFor(BinaryPrimitives.ReadUInt64LittleEndian(directory.AsSpan(i))))
            {
                return true;
            }
        }

        return false;
    }

    private bool CopyTrace(ReadOnlyMemory<byte> packed, TraceId trace, SpanBatch into)
    {
        (SpanUnpacker unpacker, SpanBatch batch) = RentUnpacker();
        try
        {
            unpacker.Unpack(packed.Span, batch);
            var copy = new SpanBatchCopy();
            copy.Begin(batch, into);
            int before = into.Count;
            foreach (ref readonly SpanRecord part in batch.Spans)
            {
                if (part.TraceId == trace)
                {
                    copy.Add(in part);
                }
            }

            return into.Count > before;
        }
        finally
        {
            _unpackers.Add((unpacker, batch));
        }
    }

    private SpanPacker RentPacker() => _packers.TryTake(out SpanPacker? packer) ? packer : new SpanPacker();

    private (SpanUnpacker Unpacker, SpanBatch Batch) RentUnpacker()
    {
        if (!_unpackers.TryTake(out (SpanUnpacker Unpacker, SpanBatch Batch) rented))
        {
            return (new SpanUnpacker(), new SpanBatch());
        }

        rented.Batch.Clear();
        return rented;
    }

    private readonly record struct ShardOrder(int Shard, TraceId Trace, int Index) : IComparable<ShardOrder>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int CompareTo(ShardOrder other)
        {
            int order = Shard - other.Shard;
            order = order != 0 ? order : Trace.CompareTo(other.Trace);
            return order != 0 ? order : Index - other.Index;
        }
    }
}
