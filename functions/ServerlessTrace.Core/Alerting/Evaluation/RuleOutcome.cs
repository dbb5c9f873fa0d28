using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Core.Alerting.Evaluation;

/// <summary>What an evaluation of a rule came to.</summary>
/// <param name="States">The states to remember.</param>
/// <param name="Transitions">What changed its phase.</param>
/// <param name="GroupsLeft">How many groups breach the threshold and are left out, because too many do.</param>
public sealed record RuleOutcome(IReadOnlyList<GroupState> States, IReadOnlyList<AlertTransition> Transitions, int GroupsLeft);
