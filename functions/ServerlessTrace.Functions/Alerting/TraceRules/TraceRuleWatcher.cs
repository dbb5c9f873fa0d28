using Microsoft.DurableTask.Client;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>Has trace rules evaluated while traces are sealed.</summary>
internal sealed class TraceRuleWatcher(RuleCache rules, TraceAlerts alerts, DurableTaskClient durable) : ISealWatcher
{
    public async ValueTask<ISealWatch?> BeginAsync(CancellationToken cancellationToken)
    {
        RuleSnapshot snapshot = await rules.GetAsync(cancellationToken).ConfigureAwait(false);
        return snapshot.OfTraces.Count == 0 ? null : new TraceRuleWatch(snapshot, alerts, durable);
    }
}
