using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Traces;

/// <summary>Sealed traces: one row a trace, read by one point read; packed spans that are too big for a row lie in a blob.</summary>
public sealed class TraceStore(StorageClients clients) : IDisposable
{
    private const int RowsPerTransaction = 100;
    private const int BytesPerTransaction = 2_800_000;
    private const int ReadsInFlight = 16;
    private static readonly int TransactionsInFlight = Math.Max(2, Environment.ProcessorCount);

    /// <summary>
    /// Bounds the transactions of all sealers together. One keeps a core busy for some ms, and Azurite for 15: with more in flight, posts wait behind them at each
    /// window's end.
    /// </summary>
    private readonly SemaphoreSlim _transactions = new(TransactionsInFlight, TransactionsInFlight);

    /// <inheritdoc/>
    public void Dispose() => _transactions.Dispose();

    /// <summary>A sealed trace's packed spans and revision; null where the trace is not sealed.</summary>
    public async Task<(int Revision, ReadOnlyMemory<byte> Packed)?> ReadAsync(TraceId trace, CancellationToken cancellationToken) =>
        await FindAsync(trace, cancellationToken).ConfigureAwait(false) is { } found ? (found.Revision, found.Packed) : null;

    /// <summary>
    /// Adds the rows of traces, as many as possible in a transaction, and returns those that exist already: they got late spans, or a sealer crashed between its steps.
    /// </summary>
    internal async Task<List<ExistingTrace>> AddAsync(IReadOnlyList<SealedTrace> traces, CancellationToken cancellationToken)
    {
        var existing = new List<ExistingTrace>();
        await ForEachTransactionAsync(
            traces,
            static trace => trace,
            async (group, token) =>
            {
                List<ExistingTrace> found = await AddGroupAsync(group, token).ConfigureAwait(false);
                lock (existing)
                {
                    existing.AddRange(found);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return existing;
    }

    /// <summary>Replaces a row that is still as it was read; false where someone else changed it meanwhile.</summary>
    internal async Task<bool> TryReplaceAsync(SealedTrace trace, StoredTrace read, CancellationToken cancellationToken)
    {
        (TableEntity row, string? blob) = await ToRowAsync(trace, cancellationToken).ConfigureAwait(false);
        try
        {
            await clients.Traces.UpdateEntityAsync(row, read.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            if (blob is not null)
            {
                await DeleteUnnamedAsync(row, blob, cancellationToken).ConfigureAwait(false);
            }

            return false;
        }

        if (read.SpilledTo is not null)
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(read.SpilledTo, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>
    /// Replaces the rows of traces, as many as possible in a transaction, and returns those that were replaced. The others are to be replaced one by one: another
    /// sealer changed one of their transaction meanwhile, or their spans lie in a blob.
    /// </summary>
    internal async Task<List<TraceChange>> ReplaceAsync(IReadOnlyList<TraceChange> changes, CancellationToken cancellationToken)
    {
        var replaced = new List<TraceChange>();
        await ForEachTransactionAsync(
            changes.Where(change => !IsSpilled(change.Merged!) && change.Read.SpilledTo is null),
            static change => change.Merged!,
            async (group, token) =>
            {
                if (await TryReplaceGroupAsync(group, token).ConfigureAwait(false))
                {
                    lock (replaced)
                    {
                        replaced.AddRange(group);
                    }
                }
            },
            cancellationToken).ConfigureAwait(false);
        return replaced;
    }

    /// <summary>A trace's row; null where there is none.</summary>
    internal async Task<StoredTrace?> FindAsync(TraceId trace, CancellationToken cancellationToken)
    {
        while (true)
        {
            NullableResponse<TableEntity> found = await clients.Traces.GetEntityIfExistsAsync<TableEntity>(
                Shard.TracePartitionOf(trace), trace.ToString(), cancellationToken: cancellationToken).ConfigureAwait(false);
            if (!found.HasValue)
            {
                return null;
            }

            TableEntity row = found.Value!;
            if (TraceRow.SpilledTo(trace, row) is not { } blob)
            {
                return TraceRow.Read(trace, row, null, default);
            }

            try
            {
                BinaryData content = (await clients.Spilled.GetBlobClient(blob).DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value.Content;
                return TraceRow.Read(trace, row, blob, content.ToMemory());
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                // A new revision replaced the row after it was read here; the next read finds its blob.
                NullableResponse<TableEntity> again = await clients.Traces.GetEntityIfExistsAsync<TableEntity>(
                    row.PartitionKey, row.RowKey, ["PartitionKey"], cancellationToken).ConfigureAwait(false);
                if (again.HasValue && again.Value!.ETag == row.ETag)
                {
                    throw new InvalidDataException($"The spans of trace {trace} should be in blob '{blob}', which does not exist.", exception);
                }
            }
        }
    }

    /// <summary>Whether a trace has a row.</summary>
    internal async Task<bool> ExistsAsync(TraceId trace, CancellationToken cancellationToken) =>
        (await clients.Traces.GetEntityIfExistsAsync<TableEntity>(
            Shard.TracePartitionOf(trace), trace.ToString(), ["PartitionKey"], cancellationToken).ConfigureAwait(false)).HasValue;

    /// <summary>The blob that a trace's row names; null where it names none, or there is no row.</summary>
    internal async Task<string?> FindSpilledAsync(TraceId trace, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.Traces.GetEntityIfExistsAsync<TableEntity>(
            Shard.TracePartitionOf(trace), trace.ToString(), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? TraceRow.SpilledTo(trace, found.Value!) : null;
    }

    /// <summary>Where a trace's summary is, and whether its spans lie in a blob; null where it has no row, or one that cannot be read.</summary>
    internal async Task<(BlockKey Block, bool IsSpilled)?> FindPlaceAsync(TraceId trace, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.Traces.GetEntityIfExistsAsync<TableEntity>(
            Shard.TracePartitionOf(trace), trace.ToString(), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? TraceRow.TryReadPlace(trace, found.Value!) : null;
    }

    /// <summary>Deletes the rows of traces, and the blobs of those whose spans lie, or lay, in one.</summary>
    internal async Task<int> DeleteAsync(IReadOnlyCollection<TraceId> traces, IReadOnlyCollection<TraceId> spilled, CancellationToken cancellationToken)
    {
        int rows = await clients.Traces.DeleteRowsAsync(
            [.. traces.Select(trace => new TableEntity(Shard.TracePartitionOf(trace), trace.ToString()))], cancellationToken).ConfigureAwait(false);
        foreach (TraceId trace in spilled)
        {
            await foreach (BlobItem blob in clients.Spilled.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"traces/{trace}/", cancellationToken).ConfigureAwait(false))
            {
                await clients.Spilled.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }

        return rows;
    }

    private static bool IsSpilled(SealedTrace trace) => TraceRow.ContentLength(trace) > TraceRow.MaxContent;

    /// <summary>Divides traces into transactions: of one partition, of so many rows and bytes at most.</summary>
    private Task ForEachTransactionAsync<T>(
        IEnumerable<T> items, Func<T, SealedTrace> traceOf, Func<List<T>, CancellationToken, Task> submit, CancellationToken cancellationToken)
    {
        var groups = new List<List<T>>();
        foreach (IGrouping<string, T> partition in items.GroupBy(item => Shard.TracePartitionOf(traceOf(item).Summary.TraceId)))
        {
            int bytes = int.MaxValue;
            foreach (T item in partition)
            {
                int size = Math.Min(TraceRow.ContentLength(traceOf(item)), TraceRow.MaxContent);
                if (bytes > BytesPerTransaction - size || groups[^1].Count == RowsPerTransaction)
                {
                    groups.Add([]);
                    bytes = 0;
                }

                groups[^1].Add(item);
                bytes += size;
            }
        }

        return Parallel.ForEachAsync(
            groups,
            new ParallelOptions { MaxDegreeOfParallelism = TransactionsInFlight, CancellationToken = cancellationToken },
            async (group, token) =>
            {
                await _transactions.WaitAsync(token).ConfigureAwait(false);
                try
                {
                    await submit(group, token).ConfigureAwait(false);
                }
                finally
                {
                    _transactions.Release();
                }
            });
    }

    private async Task<bool> TryReplaceGroupAsync(List<TraceChange> group, CancellationToken cancellationToken)
    {
        try
        {
            await clients.Traces.SubmitTransactionAsync(
                group.Select(change => new TableTransactionAction(
                    TableTransactionActionType.UpdateReplace, TraceRow.Write(change.Merged!, blob: null), change.Read.ETag)),
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 404 or 412)
        {
            // Another sealer changed one of them, with more spans: they are read again.
            return false;
        }
    }

    /// <summary>Deletes a blob whose row could not be written, unless it was: its answer may have been lost.</summary>
    private async Task DeleteUnnamedAsync(TableEntity row, string blob, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> current = await clients.Traces.GetEntityIfExistsAsync<TableEntity>(
            row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!current.HasValue || !PackedProperties.Read(current.Value!).AsSpan().SequenceEqual(PackedProperties.Read(row)))
        {
            await clients.Spilled.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<List<ExistingTrace>> AddGroupAsync(List<SealedTrace> traces, CancellationToken cancellationToken)
    {
        var existing = new List<ExistingTrace>();
        var group = new List<(SealedTrace Trace, TableEntity Row)>(traces.Count);
        foreach (SealedTrace trace in traces)
        {
            if (IsSpilled(trace) && await FindAsync(trace.Summary.TraceId, cancellationToken).ConfigureAwait(false) is { } stored)
            {
                // Found before its spans are written to a blob that no row would name.
                existing.Add(new ExistingTrace(trace, stored));
                continue;
            }

            (TableEntity row, _) = await ToRowAsync(trace, cancellationToken).ConfigureAwait(false);
            group.Add((trace, row));
        }

        bool probed = false;
        while (group.Count > 0)
        {
            try
            {
                await clients.Traces.SubmitTransactionAsync(
                    group.Select(item => new TableTransactionAction(TableTransactionActionType.Add, item.Row)), cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (TableTransactionFailedException exception) when (exception.Status == 409)
            {
                // The answer names one row only. Where one exists, more are likely to: all are looked for at once.
                if (!probed)
                {
                    probed = true;
                    group = await WithoutExistingAsync(group, existing, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    int index = exception.FailedTransactionActionIndex ?? 0;
                    existing.Add(new ExistingTrace(group[index].Trace, null));
                    group.RemoveAt(index);
                }
            }
        }

        return existing;
    }

    private async Task<List<(SealedTrace Trace, TableEntity Row)>> WithoutExistingAsync(
        List<(SealedTrace Trace, TableEntity Row)> group, List<ExistingTrace> existing, CancellationToken cancellationToken)
    {
        var stored = new StoredTrace?[group.Count];
        await Parallel.ForAsync(
            0,
            group.Count,
            new ParallelOptions { MaxDegreeOfParallelism = ReadsInFlight, CancellationToken = cancellationToken },
            async (i, token) => stored[i] = await FindAsync(group[i].Trace.Summary.TraceId, token).ConfigureAwait(false)).ConfigureAwait(false);

        var fresh = new List<(SealedTrace Trace, TableEntity Row)>();
        for (int i = 0; i < group.Count; i++)
        {
            if (stored[i] is { } row)
            {
                existing.Add(new ExistingTrace(group[i].Trace, row));
            }
            else
            {
                fresh.Add(group[i]);
            }
        }

        return fresh;
    }

    /// <summary>The row of a trace; its spans are first written to a blob where they are too big for it.</summary>
    private async Task<(TableEntity Row, string? Blob)> ToRowAsync(SealedTrace trace, CancellationToken cancellationToken)
    {
        if (!IsSpilled(trace))
        {
            return (TraceRow.Write(trace, blob: null), null);
        }

        // A name of its own for every write: a reader of the old revision still finds the old blob until its row is replaced.
        string blob = $"traces/{trace.Summary.TraceId}/{trace.Summary.Revision}-{Guid.NewGuid():n}";
        await clients.Spilled.GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(TraceRow.Content(trace)), overwrite: true, cancellationToken).ConfigureAwait(false);
        return (TraceRow.Write(trace, blob), blob);
    }
}
