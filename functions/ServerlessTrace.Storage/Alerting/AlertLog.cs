using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>Every transition of every alert, the newest first. Writing one again changes nothing.</summary>
public sealed class AlertLog(StorageClients clients)
{
    private const long LastMs = 9_999_999_999_999;
    private const int TimeDigits = 13;
    private const int RowsPerTransaction = 100;
    private const int KeyLength = 200;

    /// <summary>Writes transitions.</summary>
    public async Task WriteAsync(IEnumerable<LoggedTransition> transitions, CancellationToken cancellationToken)
    {
        foreach (IGrouping<string, LoggedTransition> day in transitions.DistinctBy(RowKey).GroupBy(transition => PartitionOf(RowKey(transition))))
        {
            foreach (LoggedTransition[] group in day.Chunk(RowsPerTransaction))
            {
                await WriteAsync(day.Key, group, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Transitions, the newest first, after a given one, each with its key.</summary>
    public async IAsyncEnumerable<(string Key, LoggedTransition Transition)> ReadAsync(string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? filter = after is null ? null : TableClient.CreateQueryFilter($"PartitionKey ge {PartitionOf(after)} and RowKey gt {after}");
        await foreach (TableEntity row in clients.Alerts.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return (row.RowKey, PackedJson.Read<LoggedTransition>(row));
        }
    }

    /// <summary>Erases from some pages of the log. Returns how many transitions changed, and the next page.</summary>
    internal Task<(int Changed, string? Next)> EraseAsync(AlertErasure erasure, string? from, CancellationToken cancellationToken) => clients.Alerts.LookAsync(
        null,
        null,
        from,
        async row =>
        {
            if (erasure.Erase(PackedJson.Read<LoggedTransition>(row)) is not { } rest)
            {
                return false;
            }

            // Nobody changes a transition; who writes it again writes the same, and is found by the second look.
            var erased = new TableEntity(row.PartitionKey, row.RowKey);
            PackedJson.Write(erased, rest);
            return await clients.Alerts.TryReplaceAsync(erased, row.ETag, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>The transitions of a stretch of time, the newest first.</summary>
    public async IAsyncEnumerable<LoggedTransition> ReadRangeAsync(DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Keys count backwards, and begin with their time: what is at a time lies behind it.
        (string first, string end) = (KeyPrefix(to.AddMilliseconds(-1)), KeyPrefix(from.AddMilliseconds(-1)));
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {PartitionOf(first)} and PartitionKey le {PartitionOf(end)} and RowKey ge {first} and RowKey lt {end}");
        await foreach (TableEntity row in clients.Alerts.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            yield return PackedJson.Read<LoggedTransition>(row);
        }
    }

    /// <summary>Whether a text has the form of a key that <see cref="ReadAsync"/> gave.</summary>
    public static bool IsKey(string text) =>
        text is { Length: > TimeDigits + 1 and <= KeyLength } && text[TimeDigits] == '-'
        && !text.AsSpan(0, TimeDigits).ContainsAnyExceptInRange('0', '9')
        && text.All(letter => letter is '-' or (>= '0' and <= '9') or (>= 'a' and <= 'z'));

    private async Task WriteAsync(string partition, LoggedTransition[] transitions, CancellationToken cancellationToken)
    {
        TableEntity[] rows = [.. transitions.Select(transition => Row(partition, transition))];
        if (rows.Length == 1)
        {
            await clients.Alerts.UpsertEntityAsync(rows[0], TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return;
        }

        await clients.Alerts.SubmitTransactionAsync(
            rows.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row)), cancellationToken).ConfigureAwait(false);
    }

    private static TableEntity Row(string partition, LoggedTransition transition)
    {
        var row = new TableEntity(partition, RowKey(transition));
        PackedJson.Write(row, transition);
        return row;
    }

    private static string RowKey(LoggedTransition transition) => $"{KeyPrefix(transition.At)}-{transition.AlertId}-{transition.To.ToString().ToLowerInvariant()}";

    private static string KeyPrefix(DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{LastMs - Math.Clamp(at.ToUnixTimeMilliseconds(), 0, LastMs):D13}");

    private static string PartitionOf(string rowKey)
    {
        long inverted = long.Parse(rowKey.AsSpan(0, TimeDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"a{inverted / 86_400_000:D6}");
    }
}
