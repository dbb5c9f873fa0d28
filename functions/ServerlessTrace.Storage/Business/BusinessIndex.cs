using System.Buffers.Binary;
using System.Globalization;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Business;

/// <summary>
/// Finds the traces of a business value. Values are divided by the first byte of their mark; what blocks are merged is written here before, a row a byte, so
/// that a value is found by one small range of rows, and by the blocks that are not merged yet. Writing the same again changes nothing.
/// </summary>
public sealed class BusinessIndex(StorageClients clients)
{
    /// <summary>Traces that have one value among those that are written together; where there are more, the hour's summaries are read instead.</summary>
    private const int TracesListed = 500;

    private const byte Version = 1;
    private const int EntryBytes = 18;
    private const int EntriesPerRow = (PackedProperties.MaxBytes - 1) / EntryBytes;
    private const int WritesInFlight = 16;

    /// <summary>Into how many parts values are divided, a table partition each.</summary>
    internal const int Buckets = 256;

    private readonly BlockRows _rows = new(clients);

    /// <summary>Adds the marks of traces.</summary>
    /// <param name="name">Names what is added, the same whenever it is added again; part of a row key.</param>
    /// <param name="hour">The hour of the block that the traces are in.</param>
    /// <param name="traces">The traces.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    internal async Task AddAsync(string name, int hour, IEnumerable<TraceSummary> traces, CancellationToken cancellationToken)
    {
        IEnumerable<IGrouping<int, (BusinessMark Mark, TraceId Trace)>> buckets =
            traces.SelectMany(trace => trace.Business.Select(mark => (mark, trace.TraceId))).GroupBy(entry => Bucket(entry.mark));
        await Parallel.ForEachAsync(
            buckets,
            new ParallelOptions { MaxDegreeOfParallelism = WritesInFlight, CancellationToken = cancellationToken },
            async (bucket, token) =>
            {
                string key = $"{PartitionOf(bucket.Key)}-{BlockKey.PartitionOf(hour)}-{name}";
                int number = 0;
                foreach (byte[] content in Write(bucket))
                {
                    var row = new TableEntity(PartitionOf(bucket.Key), number == 0 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}-{number}"));
                    PackedProperties.Write(row, content);
                    await clients.BusinessKeys.UpsertEntityAsync(row, TableUpdateMode.Replace, token).ConfigureAwait(false);
                    number++;
                }
            }).ConfigureAwait(false);
    }

    /// <summary>
    /// The sealed traces that may have a value, of those that started in a range of hours; in no order. Another value may have the same mark. Of an hour that
    /// has many of them the starts are known, so that nobody need read them all to put them in order.
    /// </summary>
    public async Task<Dictionary<TraceId, IndexedTrace>> FindAsync(BusinessMark mark, int fromHour, int toHour, CancellationToken cancellationToken)
    {
        var found = new Dictionary<TraceId, IndexedTrace>();

        // Blocks first: one that is merged meanwhile is in the index by then.
        string blocks = TableClient.CreateQueryFilter(
            $"PartitionKey ge {BlockKey.PartitionOf(toHour)} and PartitionKey le {BlockKey.PartitionOf(fromHour)} and RowKey lt {MergedBlockKey.First}");
        await AddMatchesAsync(blocks, mark, found, cancellationToken).ConfigureAwait(false);

        string partition = PartitionOf(Bucket(mark));
        string first = $"{partition}-{BlockKey.PartitionOf(toHour)}";
        string end = $"{partition}-{BlockKey.PartitionOf(fromHour)}-~";
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {first} and RowKey lt {end}");
        var crowded = new HashSet<int>();
        await foreach (TableEntity row in clients.BusinessKeys.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            int hour = BlockKey.HourOf(row.RowKey.Split('-')[1]);
            foreach (TraceId trace in Read(row, mark))
            {
                if (trace == default)
                {
                    crowded.Add(hour);
                }
                else
                {
                    found.TryAdd(trace, new IndexedTrace(hour, null));
                }
            }
        }

        crowded.UnionWith(found.Values.Where(trace => trace.StartUnixNano is null).CountBy(trace => trace.Hour).Where(hour => hour.Value > TracesListed).Select(hour => hour.Key));
        foreach (int hour in crowded)
        {
            string merged = TableClient.CreateQueryFilter($"PartitionKey eq {BlockKey.PartitionOf(hour)} and RowKey gt {MergedBlockKey.StateRowKeyOf(hour)}");
            await AddMatchesAsync(merged, mark, found, cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>Deletes what some parts list of hours that ended before a time, and was written before it, too. Returns how many rows.</summary>
    internal async Task<int> DeleteOlderAsync(int fromBucket, int toBucket, DateTimeOffset time, CancellationToken cancellationToken)
    {
        int deleted = 0;
        int hour = BlockKey.HourOf(UnixNano.Of(time));
        await Parallel.ForAsync(
            fromBucket,
            toBucket,
            new ParallelOptions { MaxDegreeOfParallelism = WritesInFlight, CancellationToken = cancellationToken },
            async (bucket, token) =>
            {
                string oldest = $"{PartitionOf(bucket)}-{BlockKey.PartitionOf(hour - 1)}";
                string filter = TableClient.CreateQueryFilter($"PartitionKey eq {PartitionOf(bucket)} and RowKey ge {oldest}");
                await foreach (Page<TableEntity> page in clients.BusinessKeys.QueryAsync<TableEntity>(
                    filter, select: ["PartitionKey", "RowKey", "Timestamp"], cancellationToken: token).AsPages().ConfigureAwait(false))
                {
                    List<TableEntity> old = [.. page.Values.Where(row => row.Timestamp < time)];
                    Interlocked.Add(ref deleted, await clients.BusinessKeys.DeleteRowsAsync(old, token).ConfigureAwait(false));
                }
            }).ConfigureAwait(false);
        return deleted;
    }

    /// <summary>Takes traces off what is listed under marks, for hours. Returns how many rows changed.</summary>
    internal async Task<int> RemoveAsync(
        IReadOnlySet<BusinessMark> marks, int fromHour, int toHour, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        int changed = 0;
        await Parallel.ForEachAsync(
            marks.Select(Bucket).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = WritesInFlight, CancellationToken = cancellationToken },
            async (bucket, token) =>
            {
                string partition = PartitionOf(bucket);
                string first = $"{partition}-{BlockKey.PartitionOf(toHour)}";
                string end = $"{partition}-{BlockKey.PartitionOf(fromHour)}-~";
                string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {first} and RowKey lt {end}");
                await foreach (TableEntity row in clients.BusinessKeys.QueryAsync<TableEntity>(filter, cancellationToken: token).ConfigureAwait(false))
                {
                    TableEntity? again = row;
                    bool isChanged = false;
                    while (again is { } current)
                    {
                        (again, isChanged) = await TryRemoveAsync(current, traces, token).ConfigureAwait(false);
                    }

                    Interlocked.Add(ref changed, isChanged ? 1 : 0);
                }
            }).ConfigureAwait(false);
        return changed;
    }

    /// <summary>Takes traces off a row; where somebody else changed it meanwhile, returns it as it is then, to be tried again.</summary>
    private async Task<(TableEntity? Again, bool IsChanged)> TryRemoveAsync(TableEntity stored, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        byte[] bytes = PackedProperties.Read(stored);
        byte[] kept = [.. bytes.Take(1), .. bytes.Skip(1).Chunk(EntryBytes).Where(entry => !traces.Contains(TraceOf(entry))).SelectMany(entry => entry)];
        if (kept.Length == bytes.Length)
        {
            return (null, false);
        }

        try
        {
            if (kept.Length == 1)
            {
                await clients.BusinessKeys.DeleteEntityAsync(stored.PartitionKey, stored.RowKey, stored.ETag, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var row = new TableEntity(stored.PartitionKey, stored.RowKey);
                PackedProperties.Write(row, kept);
                await clients.BusinessKeys.UpdateEntityAsync(row, stored.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            }

            return (null, true);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            NullableResponse<TableEntity> current = await clients.BusinessKeys.GetEntityIfExistsAsync<TableEntity>(
                stored.PartitionKey, stored.RowKey, cancellationToken: cancellationToken).ConfigureAwait(false);
            return (current.HasValue ? current.Value : null, false);
        }
    }

    private async Task AddMatchesAsync(string filter, BusinessMark mark, Dictionary<TraceId, IndexedTrace> found, CancellationToken cancellationToken)
    {
        await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
            filter, select: BlockRows.SummaryProperties, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            foreach (TraceSummary trace in await _rows.ReadSummariesAsync(row, cancellationToken).ConfigureAwait(false))
            {
                if (trace.Business.Contains(mark))
                {
                    found[trace.TraceId] = new IndexedTrace(BlockKey.HourOf(row.PartitionKey), trace.StartUnixNano);
                }
            }
        }
    }

    private static int Bucket(BusinessMark mark) => mark.Hash >> 16;

    private static string PartitionOf(int bucket) => string.Create(CultureInfo.InvariantCulture, $"b{bucket:x2}");

    /// <summary>
    /// A version byte, then for each value and trace the rest of the mark and the trace's id; for a value of too many traces a zero id. Rows: one, but where
    /// somebody chose values that all fall into one part.
    /// </summary>
    private static IEnumerable<byte[]> Write(IEnumerable<(BusinessMark Mark, TraceId Trace)> entries)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (IGrouping<BusinessMark, TraceId> value in entries.GroupBy(entry => entry.Mark, entry => entry.Trace).OrderBy(value => value.Key.Hash))
        {
            TraceId[] traces = [.. value.Distinct().Order()];
            foreach (TraceId trace in traces.Length > TracesListed ? [default] : traces)
            {
                writer.Write((ushort)value.Key.Hash);
                writer.Write(trace.High);
                writer.Write(trace.Low);
            }
        }

        writer.Flush();
        return bytes.ToArray().Chunk(EntriesPerRow * EntryBytes).Select(static entries => (byte[])[Version, .. entries]);
    }

    private static TraceId TraceOf(ReadOnlySpan<byte> entry) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(entry[2..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[10..]));

    private static List<TraceId> Read(TableEntity row, BusinessMark mark)
    {
        byte[] bytes = PackedProperties.Read(row);
        if (bytes.Length == 0 || bytes[0] != Version)
        {
            throw new InvalidDataException($"The index row '{row.RowKey}' has an unknown form. It was written by another version, or is damaged.");
        }

        var traces = new List<TraceId>();
        for (ReadOnlySpan<byte> rest = bytes.AsSpan(1); rest.Length >= EntryBytes; rest = rest[EntryBytes..])
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(rest) == (ushort)mark.Hash)
            {
                traces.Add(TraceOf(rest));
            }
        }

        return traces;
    }
}
