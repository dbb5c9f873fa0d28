using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>Reads what series measured in the windows of many rules, all shards merged: every block once, however many rules look at it.</summary>
public sealed class SeriesReader(AggregateStore aggregates)
{
    /// <summary>The groups of each rule, by the rules' ids.</summary>
    public async Task<IReadOnlyDictionary<string, SeriesGroups>> ReadAsync(
        IReadOnlyCollection<SeriesRule> rules, DateTimeOffset end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var windows = new WindowsByMinute();
        var groups = new Dictionary<string, SeriesGroups>(StringComparer.Ordinal);
        foreach (SeriesRule rule in rules)
        {
            IReadOnlyList<AlertWindow> asked = rule.WindowsAt(end);
            SeriesGroups its = groups[rule.Id] = new SeriesGroups(rule, asked.Count);
            for (int i = 0; i < asked.Count; i++)
            {
                windows.Add(asked[i], its, i);
            }
        }

        foreach (AlertWindow range in windows.Ranges())
        {
            await foreach (TraceAggregates block in aggregates.ReadBlocksAsync(range.From, range.To, cancellationToken).ConfigureAwait(false))
            {
                windows.Merge(block);
            }
        }

        windows.Fill();
        return groups;
    }
}
