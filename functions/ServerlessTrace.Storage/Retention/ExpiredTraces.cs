using Azure.Data.Tables;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Retention;

/// <summary>
/// Deletes traces by the blocks that list them: the rows of a block's expired traces first, a hundred in a request, then they are taken off its list, or
/// the block goes. A trace's id alone must find its row, so rows of different age share a table, and no table can be dropped. A crash in between
/// leaves the list of what is still to be deleted. Late spans of a trace that is gone make a new one.
/// </summary>
public sealed class ExpiredTraces(StorageClients clients, RetentionOptions options) : IRetentionStep
{
    private const int BlocksPerBatch = 200;
    private const int TracesPerBatch = 20_000;

    private readonly ExpiringBlocks _blocks = new(clients);

    /// <inheritdoc/>
    public string Name => "traces";

    /// <inheritdoc/>
    public async Task<RetentionBatch> RunAsync(DateTimeOffset now, string? from, CancellationToken cancellationToken)
    {
        DateTimeOffset ordinary = now - options.Traces;
        DateTimeOffset longer = now - options.ErrorsAndSlow;
        int deleted = 0;
        int blocks = 0;
        await foreach (List<ExpiringRow> hour in _blocks.ReadHoursAsync(ordinary, cancellationToken).ConfigureAwait(false))
        {
            foreach (ExpiringRow row in hour)
            {
                ExpiryStage due = row.AgesFrom < longer ? ExpiryStage.Emptied : row.AgesFrom < ordinary ? ExpiryStage.Shortened : ExpiryStage.Whole;
                if (row.Stage >= due)
                {
                    continue;
                }

                deleted += await ExpireAsync(row, due, cancellationToken).ConfigureAwait(false);
                if (++blocks == BlocksPerBatch || deleted >= TracesPerBatch)
                {
                    return new RetentionBatch(deleted, "more");
                }
            }

            if (hour.TrueForAll(row => row.AgesFrom < longer) && hour.Exists(row => row.IsMerged))
            {
                await _blocks.TryForgetHourAsync(hour[0].PartitionKey, cancellationToken).ConfigureAwait(false);
            }
        }

        return RetentionBatch.Done(deleted);
    }

    private async Task<int> ExpireAsync(ExpiringRow row, ExpiryStage stage, CancellationToken cancellationToken)
    {
        if (await _blocks.FindAsync(row.PartitionKey, row.RowKey, cancellationToken).ConfigureAwait(false) is not var (stored, content))
        {
            return 0;
        }

        bool all = stage == ExpiryStage.Emptied;
        ILookup<bool, TraceSummary> traces = content.Summaries.ToLookup(trace => !all && IsKeptLonger(trace));
        await clients.Traces.DeleteRowsAsync(
            [.. traces[false].Select(trace => new TableEntity(Shard.TracePartitionOf(trace.TraceId), trace.TraceId.ToString()))], cancellationToken).ConfigureAwait(false);

        // Whoever changed the row meanwhile did so with late spans: the next run looks at it again.
        if (all && !row.IsMerged)
        {
            await _blocks.DeleteAsync(stored, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            TraceAggregates aggregates = all ? new TraceAggregates() : content.Aggregates;
            await _blocks.TryKeepAsync(stored, [.. traces[true]], aggregates, stage, cancellationToken).ConfigureAwait(false);
        }

        return traces[false].Count();
    }

    private bool IsKeptLonger(TraceSummary trace) => trace.Status == TraceStatus.Error || trace.DurationNano >= options.SlowFrom.TotalNanoseconds;
}
