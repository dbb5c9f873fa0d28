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
        foreach ((GroupState state, Verdict verdict) in Judge(rule, known, measured).OrderBy(judged => judged.State.Group.Hash, StringComparer.Ordinal))
        {
            (GroupState next, AlertTransition? transition) = rule.IsAbout(state.Group) ? machine.Judge(state, verdict, end) : End(rule.Id, state, end);
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
        (GroupState State, AlertTransition? Transition)[] ended = [.. before.Where(state => state.IsActive).Select(state => End(rule, state, at))];
        return new RuleOutcome([.. ended.Select(item => item.State)], [.. ended.Select(item => item.Transition).OfType<AlertTransition>()], 0);
    }

    private static (GroupState State, AlertTransition? Transition) End(string rule, GroupState state, DateTimeOffset at)
    {
        if (!state.IsActive)
        {
            return (state, null);
        }

        at = at > state.EvaluatedTo ? at : state.EvaluatedTo;
        GroupState next = state with { Phase = state.Phase == AlertPhase.Firing ? AlertPhase.Resolved : AlertPhase.Inactive, Since = at, EvaluatedTo = at };
        return (next, new AlertTransition(state.AlertId!, rule, state.Group, state.Phase, next.Phase, at, state.Last));
    }

    /// <summary>The groups that are known, and those of which there is something to be known.</summary>
    private static IEnumerable<(GroupState State, Verdict Verdict)> Judge(SeriesRule rule, Dictionary<GroupKey, GroupState> known, SeriesGroups measured)
    {
        foreach (GroupState state in known.Values)
        {
            yield return (state, rule.Judge(measured.Of(state.Group)));
        }

        foreach (GroupKey group in measured.Keys.Where(group => !known.ContainsKey(group)))
        {
            Verdict verdict = rule.Judge(measured.Of(group));
            if (verdict.Outcome == Outcome.Breached)
            {
                yield return (GroupState.Initial(group), verdict);
            }
        }
    }
}
