using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>Evaluates trace rules on the traces of one look at a shard. Where none matches, storage is not asked for anything.</summary>
internal sealed class TraceRuleWatch(RuleSnapshot rules, TraceAlerts alerts, DurableTaskClient durable) : ISealWatch
{
    private readonly Dictionary<TraceId, List<TraceMatch>> _matches = [];

    public bool Look(Trace trace)
    {
        // Seen again, with more of its spans: what was found before may not hold any more.
        _matches.Remove(trace.Id);
        foreach (TraceRule rule in rules.OfTraces)
        {
            if (rule.Find(trace) is { } finding)
            {
                Add(rule, trace, finding);
            }
        }

        return _matches.ContainsKey(trace.Id);
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => _matches.Count == 0
        ? Task.CompletedTask
        : alerts.RaiseAsync([.. _matches.Values.SelectMany(matches => matches)], rules.Silences, durable, cancellationToken);

    private void Add(TraceRule rule, Trace trace, TraceFinding finding)
    {
        string environment = trace.Batch.Text(DeploymentEnvironment.Of(trace));
        var group = new GroupKey
        {
            Service = finding.Service,
            Operation = finding.Operation,
            Environment = environment.Length == 0 ? null : environment,
        };
        if (!_matches.TryGetValue(trace.Id, out List<TraceMatch>? found))
        {
            _matches.Add(trace.Id, found = []);
        }

        found.Add(new TraceMatch(rule, trace.Id, trace.Start, trace.Duration, group, finding));
    }
}
