using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Forwarding;

/// <summary>
/// Sealed traces between sealing and forwarding: a row or a few for all that one shard sealed at one moment, with the traces' packed spans, so that nothing
/// is read trace by trace. A batch's id is its block's key. When it was sent, its rows become one mark in the same transaction, so
/// that a sealer that died between its steps can tell whether its traces were handed over.
/// </summary>
public sealed class ForwardOutbox(StorageClients clients, ForwardOptions options, TimeProvider clock)
{
    private const byte Version = 1;
    private const string AddedAt = "At";
    private const string SpilledTo = "Blob";
    private const string Pending = "p-";

    /// <summary>What the names of blobs begin with that hold a trace too big for a row.</summary>
    internal const string Folder = "forward/";

    private const string Done = "s-";
    private const int RowsPerTransaction = 99;

    /// <summary>How long it is remembered that a batch was sent: longer than any sealer needs to repeat its work.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    /// <summary>Whether anything is forwarded.</summary>
    public bool IsOn => options.IsOn;

    /// <summary>Whether traces that tail sampling drops are forwarded too.</summary>
    internal bool TakesDropped => options.IsOn && options.BeforeSampling;

    /// <summary>Whether a batch waits, or was sent within the last hour; also true of older ones, which nobody repeats.</summary>
    internal async Task<bool> KnowsAsync(BlockKey batch, CancellationToken cancellationToken)
    {
        if (DateTimeOffset.FromUnixTimeMilliseconds(batch.SealedAtUnixMs) < clock.GetUtcNow() - Remembered)
        {
            return true;
        }

        string partition = batch.Shard.PartitionKey;
        foreach (string key in (string[])[RowKey(batch.RowKey, 0), Done + batch.RowKey])
        {
            if ((await clients.ForwardOutbox.GetEntityIfExistsAsync<TableEntity>(partition, key, ["PartitionKey"], cancellationToken).ConfigureAwait(false)).HasValue)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Adds a batch. Its first row is written last, so that a batch whose first row is there is there as a whole. Where another sealer made one for the
    /// same block, this one gets a number.
    /// </summary>
    internal async Task AddAsync(BlockKey batch, IEnumerable<ReadOnlyMemory<byte>> packed, CancellationToken cancellationToken)
    {
        var rows = new List<TableEntity>();
        var content = new MemoryStream();
        foreach (ReadOnlyMemory<byte> trace in packed)
        {
            if (trace.Length + 16 > PackedProperties.MaxBytes)
            {
                rows.Add(await SpillAsync(batch, rows.Count, trace, cancellationToken).ConfigureAwait(false));
                continue;
            }

            if (content.Length > 0 && content.Length + trace.Length + 16 > PackedProperties.MaxBytes)
            {
                rows.Add(Row(batch, rows.Count, content));
            }

            Append(content, trace.Span);
        }

        if (content.Length > 0)
        {
            rows.Add(Row(batch, rows.Count, content));
        }

        for (int number = 0; !await TryAddAsync(batch, number, rows, cancellationToken).ConfigureAwait(false); number++)
        {
        }
    }

    /// <summary>The whole batches of a shard that wait, oldest hour last.</summary>
    public async IAsyncEnumerable<ForwardBatch> ReadAsync(Shard shard, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = new List<TableEntity>();
        await foreach (TableEntity row in ReadRowsAsync(shard, cancellationToken).ConfigureAwait(false))
        {
            if (rows.Count > 0 && IdOf(rows[0]) != IdOf(row))
            {
                if (BatchOf(rows) is { } batch)
                {
                    yield return batch;
                }

                rows = [];
            }

            rows.Add(row);
        }

        if (BatchOf(rows) is { } last)
        {
            yield return last;
        }
    }

    /// <summary>The packed spans of a batch's traces.</summary>
    public async Task<List<ReadOnlyMemory<byte>>> ReadTracesAsync(ForwardBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var traces = new List<ReadOnlyMemory<byte>>();
        foreach (TableEntity row in batch.Rows)
        {
            await ReadTracesAsync(row, traces, cancellationToken).ConfigureAwait(false);
        }

        return traces;
    }

    private async Task ReadTracesAsync(TableEntity row, List<ReadOnlyMemory<byte>> traces, CancellationToken cancellationToken)
    {
        if (row.GetString(SpilledTo) is { } blob)
        {
            traces.Add((await clients.Spilled.GetBlobClient(blob).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content.ToMemory());
            return;
        }

        byte[] content = PackedProperties.Read(row);
        if (content[0] != Version)
        {
            throw new InvalidDataException($"Row {row.RowKey} was written by a later version.");
        }

        using var stream = new MemoryStream(content, 1, content.Length - 1);
        using var reader = new BinaryReader(stream);
        while (stream.Position < stream.Length)
        {
            int length = reader.Read7BitEncodedInt();
            traces.Add(content.AsMemory(1 + (int)stream.Position, length));
            stream.Position += length;
        }
    }

    /// <summary>Notes that a batch is done with: sent, or given up.</summary>
    public async Task RemoveAsync(ForwardBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var mark = new TableEntity(batch.PartitionKey, Done + batch.Id) { [AddedAt] = clock.GetUtcNow().ToUnixTimeMilliseconds() };
        TableTransactionAction[] last = [Deletion(batch.Rows[0]), new TableTransactionAction(TableTransactionActionType.UpsertReplace, mark)];
        foreach (TableTransactionAction[] some in batch.Rows.Skip(1).Select(Deletion).Chunk(RowsPerTransaction).Append(last))
        {
            await clients.ForwardOutbox.SubmitTransactionAsync(some, cancellationToken).ConfigureAwait(false);
        }

        foreach (string blob in batch.Rows.Select(row => row.GetString(SpilledTo)).OfType<string>())
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The waiting traces of a shard that are looked for, with the hour in which each began; one may come several times.</summary>
    internal async IAsyncEnumerable<(TraceId Trace, int Hour)> FindAsync(Shard shard, Func<Trace, bool> isLookedFor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity row in ReadRowsAsync(shard, cancellationToken).ConfigureAwait(false))
        {
            foreach (ReadOnlyMemory<byte> packed in await TryReadTracesAsync(row, cancellationToken).ConfigureAwait(false) ?? [])
            {
                foreach ((TraceId Trace, int Hour) found in PackedTraces.Find(packed, isLookedFor))
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>Takes traces out of what waits in a shard. Returns how many rows changed. What is being sent just now is sent.</summary>
    internal async Task<int> EraseAsync(Shard shard, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        int changed = 0;
        await foreach (TableEntity row in ReadRowsAsync(shard, cancellationToken).ConfigureAwait(false))
        {
            changed += await TryEraseAsync(row, traces, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return changed;
    }

    /// <summary>Takes traces out of a row, which stays: a batch without its first row is none.</summary>
    private async Task<bool> TryEraseAsync(TableEntity stored, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        if (await TryReadTracesAsync(stored, cancellationToken).ConfigureAwait(false) is not { } packed)
        {
            return false;
        }

        var kept = new MemoryStream();
        kept.WriteByte(Version);
        bool isAny = false;
        foreach (ReadOnlyMemory<byte> trace in packed)
        {
            bool goes = PackedTraces.Find(trace, found => traces.Contains(found.Id)).Count > 0;
            isAny |= goes;
            if (!goes)
            {
                Append(kept, trace.Span);
            }
        }

        if (!isAny)
        {
            return false;
        }

        var row = new TableEntity(stored.PartitionKey, stored.RowKey) { [AddedAt] = stored.GetInt64(AddedAt) };
        PackedProperties.Write(row, kept.GetBuffer().AsSpan(0, (int)kept.Length));
        try
        {
            await clients.ForwardOutbox.UpdateEntityAsync(row, stored.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            // Sent, or given up, just now: rows of a batch never change otherwise.
            return false;
        }

        if (stored.GetString(SpilledTo) is { } blob)
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>The packed spans of a row's traces; null where it was sent just now.</summary>
    private async Task<List<ReadOnlyMemory<byte>>?> TryReadTracesAsync(TableEntity row, CancellationToken cancellationToken)
    {
        try
        {
            var traces = new List<ReadOnlyMemory<byte>>();
            await ReadTracesAsync(row, traces, cancellationToken).ConfigureAwait(false);
            return traces;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Whether anything of a shard waits.</summary>
    public async Task<bool> HasAnyAsync(Shard shard, CancellationToken cancellationToken)
    {
        string partition = shard.PartitionKey;
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {Pending} and RowKey lt {"q"}");
        await foreach (TableEntity _ in clients.ForwardOutbox.QueryAsync<TableEntity>(filter, 1, ["PartitionKey"], cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        return false;
    }

    /// <summary>Forgets marks of batches that were sent long ago.</summary>
    public async Task ForgetAsync(Shard shard, CancellationToken cancellationToken)
    {
        string partition = shard.PartitionKey;
        long before = (clock.GetUtcNow() - Remembered - Remembered).ToUnixTimeMilliseconds();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {Done} and RowKey lt {"t"} and At lt {before}");
        var old = new List<TableEntity>();
        await foreach (TableEntity row in clients.ForwardOutbox.QueryAsync<TableEntity>(filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            old.Add(row);
        }

        foreach (TableEntity[] some in old.Chunk(RowsPerTransaction))
        {
            await clients.ForwardOutbox.SubmitTransactionAsync(
                some.Select(Deletion), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Deletes rows that were added before a time, so many at most, and returns how many: what nobody forwards any more since that was turned off, and what a sealer left that died
    /// before its batch was whole.
    /// </summary>
    internal async Task<int> DeleteOlderAsync(DateTimeOffset time, int most, CancellationToken cancellationToken)
    {
        var old = new List<TableEntity>();
        string filter = TableClient.CreateQueryFilter($"At lt {time.ToUnixTimeMilliseconds()}");
        await foreach (TableEntity row in clients.ForwardOutbox.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey", SpilledTo], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (old.Count == most)
            {
                break;
            }

            old.Add(row);
        }

        await clients.ForwardOutbox.DeleteRowsAsync(old, cancellationToken).ConfigureAwait(false);
        foreach (string blob in old.Select(row => row.GetString(SpilledTo)).OfType<string>())
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return old.Count;
    }

    /// <summary>The rows of a shard that wait, those of batches that are not whole, too.</summary>
    private AsyncPageable<TableEntity> ReadRowsAsync(Shard shard, CancellationToken cancellationToken)
    {
        string partition = shard.PartitionKey;
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {Pending} and RowKey lt {"q"}");
        return clients.ForwardOutbox.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken);
    }

    private async Task<bool> TryAddAsync(BlockKey batch, int number, List<TableEntity> rows, CancellationToken cancellationToken)
    {
        string id = number == 0 ? batch.RowKey : string.Create(CultureInfo.InvariantCulture, $"{batch.RowKey}.{number}");
        try
        {
            for (int part = rows.Count - 1; part >= 0; part--)
            {
                rows[part].RowKey = RowKey(id, part);
                await clients.ForwardOutbox.AddEntityAsync(rows[part], cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return false;
        }
    }

    private static string RowKey(string batch, int part) => $"{Pending}{batch}-{part:x4}";

    private static string IdOf(TableEntity row) => row.RowKey[Pending.Length..^5];

    private static ForwardBatch? BatchOf(List<TableEntity> rows) => rows.Count > 0 && rows[0].RowKey.EndsWith("-0000", StringComparison.Ordinal)
        ? new ForwardBatch(rows[0].PartitionKey, IdOf(rows[0]), DateTimeOffset.FromUnixTimeMilliseconds(rows[0].GetInt64(AddedAt) ?? 0), rows)
        : null;

    private static TableTransactionAction Deletion(TableEntity row) => new(TableTransactionActionType.Delete, row, ETag.All);

    private static void Append(MemoryStream content, ReadOnlySpan<byte> trace)
    {
        if (content.Length == 0)
        {
            content.WriteByte(Version);
        }

        using var writer = new BinaryWriter(content, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write7BitEncodedInt(trace.Length);
        writer.Write(trace);
    }

    private TableEntity Row(BlockKey batch, int part, MemoryStream content)
    {
        TableEntity row = NewRow(batch, part);
        PackedProperties.Write(row, content.GetBuffer().AsSpan(0, (int)content.Length));
        content.SetLength(0);
        return row;
    }

    private async Task<TableEntity> SpillAsync(BlockKey batch, int part, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken)
    {
        string blob = $"{Folder}{RowKey(batch.RowKey, part)}-{Guid.NewGuid():n}";
        await clients.Spilled.GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(trace), overwrite: true, cancellationToken).ConfigureAwait(false);
        TableEntity row = NewRow(batch, part);
        row[SpilledTo] = blob;
        return row;
    }

    private TableEntity NewRow(BlockKey batch, int part) =>
        new(batch.Shard.PartitionKey, RowKey(batch.RowKey, part)) { [AddedAt] = clock.GetUtcNow().ToUnixTimeMilliseconds() };
}
