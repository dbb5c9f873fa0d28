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
    private const string Speaker = "Speaker";

    /// <summary>Notes that a rule found something in a trace.</summary>
    /// <returns>When that was noted first; null where all has been done about it.</returns>
    public async Task<DateTimeOffset?> BeginAsync(string rule, TraceId trace, DateTimeOffset now, CancellationToken cancellationToken)
    {
        TableEntity row = Row(rule, trace);
        row[FoundAt] = now;
        row[Done] = false;
        if (await TryAddAsync(row, cancellationToken).ConfigureAwait(false))
        {
            return now;
        }

        TableEntity found = await clients.TraceAlerts.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.GetBoolean(Done) == true ? null : found.GetDateTimeOffset(FoundAt) ?? now;
    }

    /// <summary>Notes that all has been done about it.</summary>
    public Task EndAsync(string rule, TraceId trace, CancellationToken cancellationToken)
    {
        TableEntity row = Row(rule, trace);
        row[Done] = true;
        return clients.TraceAlerts.UpsertEntityAsync(row, TableUpdateMode.Merge, cancellationToken);
    }

    /// <summary>The alert that speaks for a group in an interval: the first that asked.</summary>
    /// <param name="rule">The rule's id.</param>
    /// <param name="group">The group's hash.</param>
    /// <param name="interval">The number of the interval.</param>
    /// <param name="alert">The alert that asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> SpeakerAsync(string rule, string group, long interval, string alert, CancellationToken cancellationToken)
    {
        var row = new TableEntity("groups", FormattableString.Invariant($"{rule}-{group}-{interval}")) { [Speaker] = alert };
        if (await TryAddAsync(row, cancellationToken).ConfigureAwait(false))
        {
            return alert;
        }

        TableEntity found = await clients.TraceAlerts.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.GetString(Speaker) ?? alert;
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

    private static TableEntity Row(string rule, TraceId trace) => new(Shard.Of(trace).PartitionKey, $"{rule}-{trace}");

    private async Task<bool> TryAddAsync(TableEntity row, CancellationToken cancellationToken)
    {
        try
        {
            await clients.TraceAlerts.AddEntityAsync(row, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return false;
        }
    }
}
