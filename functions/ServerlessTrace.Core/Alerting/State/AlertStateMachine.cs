using ServerlessTrace.Core.Alerting.Rules.Windows;

namespace ServerlessTrace.Core.Alerting.State;

/// <summary>
/// The state machine of one group: inactive → pending → firing → resolved. Its only clock is the end of the judged windows, so the same
/// windows make the same transitions whenever, and however often, they are judged.
/// </summary>
/// <param name="rule">The rule's id.</param>
/// <param name="timing">How fast state changes.</param>
public sealed class AlertStateMachine(string rule, AlertTiming timing)
{
    /// <summary>
    /// How much longer a firing alert whose windows have too few samples is kept: silence after an overload is no recovery.
    /// </summary>
    private static readonly TimeSpan PatienceWithoutSamples = TimeSpan.FromMinutes(5);

    /// <summary>A longer stop of evaluations, and what was pending before says nothing of the time between.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(3);

    /// <summary>Judges a window.</summary>
    /// <param name="state">Where the group stands.</param>
    /// <param name="verdict">What the rule says of the window.</param>
    /// <param name="end">The window's end.</param>
    /// <returns>Where it stands now, and the transition; null where the phase is the same.</returns>
    public (GroupState State, AlertTransition? Transition) Judge(GroupState state, Verdict verdict, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (end <= state.EvaluatedTo)
        {
            // Late or repeated: what it could change has been decided.
            return (state, null);
        }

        GroupState next = state.Phase switch
        {
            AlertPhase.Firing => WhileFiring(state, verdict.Outcome, end),
            AlertPhase.Pending => WhilePending(state, verdict.Outcome, end),
            _ => WhileInactive(state, verdict.Outcome, end),
        };
        next = next with { EvaluatedTo = end, Last = verdict };
        return (next, next.Phase == state.Phase ? null : new AlertTransition(next.AlertId!, rule, next.Group, state.Phase, next.Phase, end, verdict));
    }

    private GroupState WhileInactive(GroupState state, Outcome outcome, DateTimeOffset end)
    {
        if (outcome != Outcome.Breached)
        {
            return state;
        }

        return GroupState.Initial(state.Group) with
        {
            Phase = timing.For > TimeSpan.Zero ? AlertPhase.Pending : AlertPhase.Firing,
            Since = end,
            FiredAt = timing.For > TimeSpan.Zero ? null : end,
            AlertId = AlertIds.OfGroup(rule, state.Group, end),
        };
    }

    private GroupState WhilePending(GroupState state, Outcome outcome, DateTimeOffset end)
    {
        if (outcome != Outcome.Breached)
        {
            return state with { Phase = AlertPhase.Inactive, Since = end };
        }

        if (end - state.EvaluatedTo > LongestGap)
        {
            return state with { Since = end };
        }

        return end - state.Since >= timing.For ? state with { Phase = AlertPhase.Firing, Since = end, FiredAt = end } : state;
    }

    private GroupState WhileFiring(GroupState state, Outcome outcome, DateTimeOffset end)
    {
        if (outcome is Outcome.Breached or Outcome.Near)
        {
            return state with { WellSince = null };
        }

        DateTimeOffset wellSince = state.WellSince ?? end;
        TimeSpan enough = outcome == Outcome.Clear ? timing.ResolveAfter : timing.ResolveAfter + PatienceWithoutSamples;
        return end - wellSince >= enough
            ? state with { Phase = AlertPhase.Resolved, Since = end, WellSince = null }
            : state with { WellSince = wellSince };
    }
}
