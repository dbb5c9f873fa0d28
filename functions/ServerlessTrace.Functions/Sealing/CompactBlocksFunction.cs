using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Functions.Sealing;

/// <summary>Merges blocks of sealed traces, so that a day's search and statistics read few rows.</summary>
public sealed partial class CompactBlocksFunction(BlockCompaction compaction, ILogger<CompactBlocksFunction> log)
{
    /// <summary>Transactions a run, of up to 98 blocks each: a run ends long before the next one begins.</summary>
    private const int StepsPerRun = 500;

    /// <summary>Every 5 min: one query of keys where there is nothing to merge.</summary>
    [Function("CompactBlocks")]
    public async Task CompactAsync([TimerTrigger("45 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        int merged = await compaction.CompactAsync(StepsPerRun, cancellationToken).ConfigureAwait(false);
        if (merged > 0)
        {
            LogMerged(merged);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Blocks} blocks of sealed traces were merged")]
    private partial void LogMerged(int blocks);
}
