using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Core.Alerting.Evaluation;

/// <summary>Evaluates a series rule at the end of a window: from states and measures to states and transitions, and nothing else.</summary>
public static class RuleEvaluation
{
    /// <summary>
    /// The most groups of a rule that are pending or firing at once. When more are, something common to them is the matter, which those say well enough.
    /// </summary>
    public const int MaxActiveGroups = 500;

    /// <summary>How long a resolved group is remembered, so that a late window does not make it fire again.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>Judges every group that is measured or known.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">The states that are known.</param>
    /// <param name="measured">What was measured in the rule's windows.</param>
    /// <param name="end">The end of the window that the rule is about: a full minute.</param>
    public static RuleOutcome Evaluate(SeriesRule rule, IReadOnlyCollection<GroupState> before, SeriesGroups measured, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(measured);
        var machine = new AlertStateMachine(rule.Id, rule.Timing);
        var states = new List<GroupState>();
        var transitions = new List<AlertTransition>();
        var known = before.ToDictionary(state => state.Group);
        int active = before.Count(state => state.IsActive);
        int left = 0;
        foreach (GroupKey group in known.Keys.Union(measured.Keys).OrderBy(group => group.Hash, StringComparer.Ordinal))
        {
            GroupState state = known.GetValueOrDefault(group) ?? GroupState.Initial(group);
            (GroupState next, AlertTransition? transition) = machine.Judge(state, rule.Judge(measured.Of(group)), end);
            if (next.IsActive && !state.IsActive && ++active > MaxActiveGroups)
            {
                left++;
                continue;
            }

            if (transition is not null)
            {
                transitions.Add(transition);
            }

            if (next.IsActive || (next.Phase == AlertPhase.Resolved && end - next.Since < Memory))
            {
                states.Add(next);
            }
        }

        return new RuleOutcome(states, transitions, left);
    }

    /// <summary>Ends what fires of a rule that is evaluated no more: deleted, disabled, or of another kind now.</summary>
    public static RuleOutcome End(string rule, IReadOnlyCollection<GroupState> before, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(before);
        var states = new List<GroupState>();
        var transitions = new List<AlertTransition>();
        foreach (GroupState state in before.Where(state => state.IsActive))
        {
            GroupState next = state with { Phase = state.Phase == AlertPhase.Firing ? AlertPhase.Resolved : AlertPhase.Inactive, Since = at };
            states.Add(next);
            transitions.Add(new AlertTransition(state.AlertId!, rule, state.Group, state.Phase, next.Phase, at, state.Last));
        }

        return new RuleOutcome(states, transitions, 0);
    }
}
