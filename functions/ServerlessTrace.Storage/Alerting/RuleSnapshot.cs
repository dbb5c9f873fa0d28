using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.Silences;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>The rules and silences of a moment.</summary>
public sealed class RuleSnapshot(IReadOnlyList<AlertRule> rules, IReadOnlyList<Silence> silences)
{
    /// <summary>The rules that look at traces and are on.</summary>
    public IReadOnlyList<TraceRule> OfTraces { get; } = [.. rules.OfType<TraceRule>().Where(rule => rule.Enabled)];

    /// <summary>The rules that look at series and are on.</summary>
    public IReadOnlyList<SeriesRule> OfSeries { get; } = [.. rules.OfType<SeriesRule>().Where(rule => rule.Enabled)];

    /// <summary>The silences, those that are over too.</summary>
    public IReadOnlyList<Silence> Silences { get; } = silences;
}
