using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Reads what sealed traces add up to, by series and minute: latency, dependencies, business values. A trace is in it from the moment when it can be
/// found by a search, each of its revisions exactly once.
/// </summary>
public sealed class AggregateStore(StorageClients clients)
{
    /// <summary>How far the clocks of those who send spans may be ahead of ours for the last minutes to be read by a small query.</summary>
    private static readonly TimeSpan ClocksAhead = TimeSpan.FromMinutes(10);

    /// <summary>Hours that are asked for one by one, each from where sealing was at the time; beyond, all of them at once.</summary>
    private const int HoursOneByOne = 3;

    private readonly BlockRows _rows = new(clients);

    /// <summary>All that started in a range of time, to the minute: from the minute of its beginning, without that of its end unless it has begun.</summary>
    public async Task<TraceAggregates> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var sum = new TraceAggregates();
        await foreach (TraceAggregates block in ReadBlocksAsync(from, to, cancellationToken).ConfigureAwait(false))
        {
            sum.Merge(block);
        }

        return sum;
    }

    /// <summary>
    /// The same in steps of several minutes, the first of which begins with the range: for long ranges, of which every minute would be too much. Each is
    /// known by its first minute.
    /// </summary>
    public async Task<TraceAggregates> ReadAsync(DateTimeOffset from, DateTimeOffset to, int minutesPerStep, CancellationToken cancellationToken)
    {
        var sum = new TraceAggregates();
        await foreach (TraceAggregates block in ReadBlocksAsync(from, to, cancellationToken).ConfigureAwait(false))
        {
            block.Coarsen(MinuteOf(from), minutesPerStep);
            sum.Merge(block);
        }

        return sum;
    }

    /// <summary>All that started in a range of time, each series in one.</summary>
    public Task<TraceAggregates> ReadTotalsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        ReadAsync(from, to, int.MaxValue, cancellationToken);

    /// <summary>
    /// The same block by block, in no order, for ranges of which not every minute is to be kept apart.
    /// </summary>
    public async IAsyncEnumerable<TraceAggregates> ReadBlocksAsync(
        DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (int first, int end) = (MinuteOf(from), MinuteOf(to.AddTicks(TimeSpan.TicksPerMinute - 1)));
        foreach (string filter in Filters(from, first / 60, (end - 1) / 60))
        {
            // Of an hour's blocks those are left out that turn out to be merged since they were read: merged rows come last.
            var hour = new Dictionary<string, TraceAggregates>();
            string? partition = null;
            await foreach (TableEntity row in clients.TraceBlocks.QueryAsync<TableEntity>(
                filter, select: BlockRows.AggregateProperties, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                if (row.PartitionKey != partition)
                {
                    foreach (TraceAggregates block in hour.Values)
                    {
                        yield return block;
                    }

                    hour.Clear();
                    partition = row.PartitionKey;
                }

                MergedBlockRow.Read(row).ForEach(block => hour.Remove(block.RowKey));
                TraceAggregates read = await _rows.ReadAggregatesAsync(row, cancellationToken).ConfigureAwait(false);
                read.Keep(first, end);
                if (!read.IsEmpty)
                {
                    hour.Add(row.RowKey, read);
                }
            }

            foreach (TraceAggregates block in hour.Values)
            {
                yield return block;
            }
        }
    }

    private static IEnumerable<string> Filters(DateTimeOffset from, int firstHour, int lastHour)
    {
        // What a trace contributes is kept in the hour of its start, also for spans that start in the next one.
        firstHour -= (TraceAggregator.MinutesCovered / 60) - 1;
        if (lastHour - firstHour >= HoursOneByOne)
        {
            return [TableClient.CreateQueryFilter($"PartitionKey ge {BlockKey.PartitionOf(lastHour)} and PartitionKey le {BlockKey.PartitionOf(firstHour)}")];
        }

        // Nothing is sealed before it starts.
        long sealedFrom = (from - ClocksAhead).ToUnixTimeMilliseconds();
        return Enumerable.Range(firstHour, Math.Max(0, lastHour - firstHour + 1)).Select(hour =>
            TableClient.CreateQueryFilter(
                $"PartitionKey eq {BlockKey.PartitionOf(hour)} and RowKey ge {BlockKey.RowKeyOf(hour, sealedFrom)} and (RowKey lt {MergedBlockKey.First} or Newest ge {sealedFrom})"));
    }

    private static int MinuteOf(DateTimeOffset time) => (int)Math.Clamp(time.ToUnixTimeSeconds() / 60, 0, int.MaxValue - 60);
}
