using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>An alert that is pending or firing.</summary>
internal sealed record ActiveAlert(
    string AlertId,
    string Rule,
    AlertPhase State,
    DateTimeOffset Since,
    GroupKey Group,
    double Observed,
    double Threshold,
    string Unit,
    DateTimeOffset EvaluatedTo,
    DateTimeOffset? ToldAt,
    Acknowledgement? Acknowledged)
{
    public static ActiveAlert Of(string rule, GroupState state) => new(
        state.AlertId!,
        rule,
        state.Phase,
        state.Since,
        state.Group,
        Math.Round(state.Last.Observed, 3),
        Math.Round(state.Last.Threshold, 3),
        state.Last.Unit,
        state.EvaluatedTo,
        state.ToldAt,
        state.Acknowledged);
}
