using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Usage;

/// <summary>
/// What came in, by hour. It is what the receipts say, so that nothing is counted twice at a redelivery. Hours that ended a while ago are
/// summed up in a row each: reading a month costs a few requests, and outlives the receipts.
/// </summary>
public sealed class UsageStore(StorageClients clients, ReceiptStore receipts, DroppedTraces dropped, TimeProvider clock)
{
    private const string Partition = "usage";
    private const string IsFinal = "Final";
    private const byte Version = 1;
    private const int RowsPerTransaction = 25;
    private const int HoursSummed = 72;

    /// <summary>How long after an hour sources that were written in it may still be read before it is summed up.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(6);

    /// <summary>The usage of each hour from one to before another, the newest first; hours in which nothing came in are left out.</summary>
    /// <param name="from">The first hour, in hours since 1970 UTC.</param>
    /// <param name="to">The hour behind the last.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<IReadOnlyList<UsageHour>> ReadAsync(int from, int to, CancellationToken cancellationToken)
    {
        Dictionary<int, UsageHour> hours = await ReadSummedAsync(from, to, cancellationToken).ConfigureAwait(false);
        int[] missing = Missing(hours, from, Math.Min(to, HourOf(clock.GetUtcNow()) + 1));
        if (missing.Length > 0)
        {
            foreach (UsageHour hour in await SumReceiptsAsync(missing[0], missing[^1] + 1, cancellationToken).ConfigureAwait(false))
            {
                hours.TryAdd(hour.Hour, hour);
            }
        }

        return [.. hours.Values.Where(hour => hour.Services.Count > 0 || hour.Sources > 0).OrderByDescending(hour => hour.Hour)];
    }

    /// <summary>Sums up the hours of the last days that ended a while before a time and are not summed up yet. Returns how many.</summary>
    public async Task<int> SumUpAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        int to = HourOf(now - Grace);
        int from = to - HoursSummed;
        int[] missing = Missing(await ReadSummedAsync(from, to, cancellationToken).ConfigureAwait(false), from, to);
        if (missing.Length == 0)
        {
            return 0;
        }

        var sums = (await SumReceiptsAsync(missing[0], missing[^1] + 1, cancellationToken).ConfigureAwait(false)).ToDictionary(hour => hour.Hour);
        await WriteAsync([.. missing.Select(hour => sums.GetValueOrDefault(hour, new UsageHour(hour)))], isFinal: false, cancellationToken).ConfigureAwait(false);
        return missing.Length;
    }

    /// <summary>Sums an hour up for good, before its receipts are deleted. Once done it stays, also if half of them are gone.</summary>
    internal async Task CloseAsync(int hour, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.Usage.GetEntityIfExistsAsync<TableEntity>(
            Partition, RowKey(hour), [IsFinal], cancellationToken).ConfigureAwait(false);
        if (!found.HasValue || found.Value!.GetBoolean(IsFinal) != true)
        {
            IReadOnlyList<UsageHour> sums = await SumReceiptsAsync(hour, hour + 1, cancellationToken).ConfigureAwait(false);
            await WriteAsync(sums, isFinal: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes what was summed up of hours before one; at most as many as a transaction takes. Returns how many.</summary>
    internal async Task<int> DeleteBeforeAsync(int hour, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {RowKey(hour)}");
        await foreach (Page<TableEntity> page in clients.Usage.QueryAsync<TableEntity>(
            filter, maxPerPage: 100, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages().ConfigureAwait(false))
        {
            return await clients.Usage.DeleteRowsAsync(page.Values, cancellationToken).ConfigureAwait(false);
        }

        return await dropped.DeleteBeforeAsync(hour, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The hour of a time.</summary>
    public static int HourOf(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / 3600);

    private async Task<Dictionary<int, UsageHour>> ReadSummedAsync(int from, int to, CancellationToken cancellationToken)
    {
        var hours = new Dictionary<int, UsageHour>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {RowKey(to)} and RowKey le {RowKey(from)}");
        await foreach (TableEntity row in clients.Usage.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            byte[] bytes = PackedProperties.Read(row);
            if (bytes.Length == 0 || bytes[0] != Version)
            {
                throw new InvalidDataException($"The usage row '{row.RowKey}' has an unknown form. It was written by another version, or is damaged.");
            }

            UsageHour hour = JsonSerializer.Deserialize(bytes.AsSpan(1), UsageJson.Default.UsageHour)!;
            hours[hour.Hour] = hour;
        }

        return hours;
    }

    private async Task<IReadOnlyList<UsageHour>> SumReceiptsAsync(int from, int to, CancellationToken cancellationToken)
    {
        var hours = new Dictionary<int, List<UsageHour>>();
        await foreach (Receipt receipt in receipts.ReadCountsAsync(StartOf(from), StartOf(to), cancellationToken).ConfigureAwait(false))
        {
            int hour = HourOf(receipt.Id.WrittenAt);
            if (!hours.TryGetValue(hour, out List<UsageHour>? parts))
            {
                hours.Add(hour, parts = []);
            }

            parts.Add(UsageHour.Of(hour, receipt));
            if (parts.Count == 1_000)
            {
                hours[hour] = [UsageHour.Sum(hour, parts)];
            }
        }

        await foreach ((int hour, List<ServiceUsage> services) in dropped.ReadAsync(from, to, cancellationToken).ConfigureAwait(false))
        {
            hours[hour] = [.. hours.GetValueOrDefault(hour, []), new UsageHour(hour) { Services = services }];
        }

        return [.. hours.Select(parts => UsageHour.Sum(parts.Key, parts.Value))];
    }

    private async Task WriteAsync(IReadOnlyList<UsageHour> hours, bool isFinal, CancellationToken cancellationToken)
    {
        foreach (UsageHour[] group in hours.Chunk(RowsPerTransaction))
        {
            await clients.Usage.SubmitTransactionAsync(
                group.Select(hour => new TableTransactionAction(TableTransactionActionType.UpsertReplace, ToRow(hour, isFinal))), cancellationToken).ConfigureAwait(false);
        }
    }

    private static TableEntity ToRow(UsageHour hour, bool isFinal)
    {
        var row = new TableEntity(Partition, RowKey(hour.Hour));
        if (isFinal)
        {
            row[IsFinal] = true;
        }

        PackedProperties.Write(
            row,
            [Version, .. ServiceRows.Fit(hour.Services, services => JsonSerializer.SerializeToUtf8Bytes(hour with { Services = services }, UsageJson.Default.UsageHour))]);
        return row;
    }

    private static int[] Missing(Dictionary<int, UsageHour> hours, int from, int to) =>
        [.. Enumerable.Range(from, Math.Max(0, to - from)).Where(hour => !hours.ContainsKey(hour))];

    // Counted backwards, as everywhere: the newest first.
    private static string RowKey(int hour) => string.Create(CultureInfo.InvariantCulture, $"u{9_999_999 - Math.Clamp(hour, 0, 9_999_999):D7}");

    private static DateTimeOffset StartOf(int hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600L);
}
