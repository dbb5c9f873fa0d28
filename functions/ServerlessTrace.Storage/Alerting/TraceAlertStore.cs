using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>Which trace rules have found something in which traces: a row each, so that none fires twice.</summary>
public sealed class TraceAlertStore(StorageClients clients)
{
    private const string FoundAt = "FoundAt";
    private const string Done = "Done";
    private const string Speakers = "Speakers";
    private const int RowsPerTransaction = 100;
    private const int InFlight = 8;

    /// <summary>Notes that rules found something in traces.</summary>
    /// <returns>When that was noted first, in the same order; null where all has been done about it.</returns>
    public async Task<IReadOnlyList<DateTimeOffset?>> BeginAsync(IReadOnlyList<(string Rule, TraceId Trace)> found, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(found);
        var noted = new ConcurrentDictionary<(string, TraceId), DateTimeOffset?>();
        foreach ((string Rule, TraceId Trace)[] batch in Batches(found))
        {
            bool areNew = batch.Length > 1 && await TryAddAsync([.. batch.Select(item => Found(item, now))], cancellationToken).ConfigureAwait(false);
            await Parallel.ForEachAsync(
                batch,
                new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellationToken },
                async (item, token) => noted[item] = areNew ? now : await BeginAsync(item, now, token).ConfigureAwait(false)).ConfigureAwait(false);
        }

        return [.. found.Select(item => noted[item])];
    }

    /// <summary>Notes that all has been done about them.</summary>
    public async Task EndAsync(IReadOnlyList<(string Rule, TraceId Trace)> found, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(found);
        foreach ((string Rule, TraceId Trace)[] batch in Batches(found))
        {
            TableEntity[] rows = [.. batch.Select(item => Row(item.Rule, item.Trace))];
            Array.ForEach(rows, static row => row[Done] = true);
            await (rows.Length == 1
                ? clients.TraceAlerts.UpsertEntityAsync(rows[0], TableUpdateMode.Merge, cancellationToken)
                : (Task)clients.TraceAlerts.SubmitTransactionAsync(
                    rows.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertMerge, row)), cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>The alerts that speak for a group in an interval: the first that asked, so many at most. Who asks again gets the same answer.</summary>
    /// <param name="rule">The rule's id.</param>
    /// <param name="group">The group, in letters and digits.</param>
    /// <param name="interval">The number of the interval.</param>
    /// <param name="most">How many may speak.</param>
    /// <param name="asking">The alerts that ask.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<string>> SpeakersAsync(
        string rule, string group, long interval, int most, IReadOnlyList<string> asking, CancellationToken cancellationToken)
    {
        var key = new TableEntity("groups", FormattableString.Invariant($"{rule}-{group}-{interval}"));
        while (true)
        {
            NullableResponse<TableEntity> found = await clients.TraceAlerts.GetEntityIfExistsAsync<TableEntity>(
                key.PartitionKey, key.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            string[] known = found.HasValue ? found.Value!.GetString(Speakers).Split(' ') : [];
            string[] speakers = [.. known, .. asking.Except(known, StringComparer.Ordinal).Take(Math.Max(0, most - known.Length))];
            if (speakers.Length == known.Length || await TryWriteAsync(key, speakers, found, cancellationToken).ConfigureAwait(false))
            {
                return speakers;
            }
        }
    }

    /// <summary>Forgets what was found in traces, of some pages. Returns how many rows that were, and the next page.</summary>
    internal Task<(int Changed, string? Next)> EraseAsync(IReadOnlySet<TraceId> traces, string? from, CancellationToken cancellationToken) => clients.TraceAlerts.LookAsync(
        null,
        ["PartitionKey", "RowKey"],
        from,
        async row =>
        {
            if (row.RowKey.Length <= TraceId.HexLength || !TraceId.TryParse(row.RowKey.AsSpan(row.RowKey.Length - TraceId.HexLength), out TraceId trace) || !traces.Contains(trace))
            {
                return false;
            }

            await clients.TraceAlerts.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private static IEnumerable<(string Rule, TraceId Trace)[]> Batches(IReadOnlyList<(string Rule, TraceId Trace)> found) =>
        found.GroupBy(item => Shard.TracePartitionOf(item.Trace)).SelectMany(shard => shard.Chunk(RowsPerTransaction));

    private static TableEntity Row(string rule, TraceId trace) => new(Shard.TracePartitionOf(trace), $"{rule}-{trace}");

    private static TableEntity Found((string Rule, TraceId Trace) item, DateTimeOffset now)
    {
        TableEntity row = Row(item.Rule, item.Trace);
        row[FoundAt] = now;
        row[Done] = false;
        return row;
    }

    private async Task<DateTimeOffset?> BeginAsync((string Rule, TraceId Trace) item, DateTimeOffset now, CancellationToken cancellationToken)
    {
        TableEntity row = Found(item, now);
        if (await TryAddAsync([row], cancellationToken).ConfigureAwait(false))
        {
            return now;
        }

        TableEntity found = await clients.TraceAlerts.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.GetBoolean(Done) == true ? null : found.GetDateTimeOffset(FoundAt) ?? now;
    }

    /// <summary>Adds rows of one partition, all of them or, where there is one already, none.</summary>
    private async Task<bool> TryAddAsync(TableEntity[] rows, CancellationToken cancellationToken)
    {
        try
        {
            await (rows.Length == 1
                ? clients.TraceAlerts.AddEntityAsync(rows[0], cancellationToken)
                : (Task)clients.TraceAlerts.SubmitTransactionAsync(
                    rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)), cancellationToken)).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return false;
        }
    }

    private async Task<bool> TryWriteAsync(TableEntity key, string[] speakers, NullableResponse<TableEntity> read, CancellationToken cancellationToken)
    {
        key[Speakers] = string.Join(' ', speakers);
        try
        {
            await (read.HasValue
                ? clients.TraceAlerts.UpdateEntityAsync(key, read.Value!.ETag, TableUpdateMode.Replace, cancellationToken)
                : clients.TraceAlerts.AddEntityAsync(key, cancellationToken)).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return false;
        }
    }
}
