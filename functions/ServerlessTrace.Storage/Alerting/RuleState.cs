using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>The state of a rule's groups, and what is still to be done about it: written together, so that both are there or neither.</summary>
/// <param name="Rule">The rule's id.</param>
/// <param name="Groups">The groups of which something is known.</param>
/// <param name="ToLog">Transitions that are perhaps not in the log yet.</param>
/// <param name="ToTell">Notifications that are perhaps not handed over yet.</param>
public sealed record RuleState(string Rule, IReadOnlyList<GroupState> Groups, IReadOnlyList<LoggedTransition> ToLog, IReadOnlyList<AlertNotification> ToTell)
{
    /// <summary>Nothing is known.</summary>
    public static RuleState Empty(string rule) => new(rule, [], [], []);

    /// <summary>Whether nothing is left to be done.</summary>
    public bool IsDone => ToLog.Count == 0 && ToTell.Count == 0;
}
