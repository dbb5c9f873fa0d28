using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Usage;

/// <summary>
/// What sampling dropped, a row for those of an hour that were decided together. The row's key is made of their ids: a sealer that died before it
/// deleted their chunks decides the same again, and writes the same row.
/// </summary>
public sealed class DroppedTraces(StorageClients clients)
{
    private const string Partition = "dropped";
    private const byte Version = 1;

    /// <summary>Records traces that were dropped.</summary>
    internal async Task AddAsync(IReadOnlyCollection<DroppedTrace> traces, CancellationToken cancellationToken)
    {
        foreach (IGrouping<int, DroppedTrace> hour in traces.GroupBy(trace => trace.Hour))
        {
            var hash = new XxHash128();
            foreach (DroppedTrace trace in hour.OrderBy(trace => trace.TraceId))
            {
                hash.Append(BitConverter.GetBytes(trace.TraceId.High));
                hash.Append(BitConverter.GetBytes(trace.TraceId.Low));
            }

            List<ServiceUsage> services =
            [
                .. hour.GroupBy(trace => trace.Service).Select(service => new ServiceUsage(service.Key, 0, 0, 0, service.Count(), service.Sum(trace => (long)trace.Spans)))
                    .OrderByDescending(service => service.DroppedSpans).ThenBy(service => service.Service, StringComparer.Ordinal),
            ];
            var row = new TableEntity(Partition, $"{PrefixOf(hour.Key)}-{Convert.ToHexStringLower(hash.GetCurrentHash())}");
            PackedProperties.Write(
                row, [Version, .. ServiceRows.Fit(services, static kept => JsonSerializer.SerializeToUtf8Bytes(kept.ToList(), UsageJson.Default.ListServiceUsage))]);
            await clients.Usage.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What was dropped of traces that started from one hour to before another.</summary>
    internal async IAsyncEnumerable<(int Hour, List<ServiceUsage> Services)> ReadAsync(int from, int to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey ge {PrefixOf(to - 1)} and RowKey lt {PrefixOf(from - 1)}");
        await foreach (TableEntity row in clients.Usage.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            byte[] bytes = PackedProperties.Read(row);
            if (bytes.Length > 0 && bytes[0] == Version)
            {
                yield return (HourOf(row.RowKey), JsonSerializer.Deserialize(bytes.AsSpan(1), UsageJson.Default.ListServiceUsage) ?? []);
            }
        }
    }

    /// <summary>Deletes a page of what was dropped before an hour; returns how many rows.</summary>
    internal async Task<int> DeleteBeforeAsync(int hour, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey ge {PrefixOf(hour - 1)}");
        await foreach (Page<TableEntity> page in clients.Usage.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).AsPages().ConfigureAwait(false))
        {
            return await clients.Usage.DeleteRowsAsync(page.Values, cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }

    private static string PrefixOf(int hour) => string.Create(CultureInfo.InvariantCulture, $"d{9_999_999 - Math.Clamp(hour, 0, 9_999_999):D7}");

    private static int HourOf(string rowKey) => 9_999_999 - int.Parse(rowKey.AsSpan(1, 7), NumberStyles.None, CultureInfo.InvariantCulture);
}
