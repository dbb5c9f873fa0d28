using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Windows;

namespace ServerlessTrace.Core.Alerting.State;

/// <summary>A group of a rule went from one phase to another.</summary>
/// <param name="AlertId">The alert.</param>
/// <param name="Rule">The rule's id.</param>
/// <param name="Group">The group.</param>
/// <param name="From">Where it stood.</param>
/// <param name="To">Where it stands now.</param>
/// <param name="At">When: the end of the window that was judged.</param>
/// <param name="Verdict">What the rule said of that window.</param>
public sealed record AlertTransition(string AlertId, string Rule, GroupKey Group, AlertPhase From, AlertPhase To, DateTimeOffset At, Verdict Verdict);
