using System.Text;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Core.Tests.Alerting;

/// <summary>What subscribers are told of a group, minute by minute: F firing, R resolved, a dot for nothing.</summary>
public sealed class NotificationDecisionTests
{
    private static readonly DateTimeOffset Start = new(2026, 2, 26, 18, 0, 0, TimeSpan.Zero);
    private static readonly GroupKey Group = new() { Service = "shop" };

    [Theory]
    [InlineData("BBBBBBB", "F..F..F", "after the repeat interval it is told again")]
    [InlineData("BBBBCB", "F..FRF", "what fires anew is told anew")]
    [InlineData("BaBBBBBC", "F.....R", "what somebody acknowledged is not told again, but its end is")]
    [InlineData("sBBSBBBB", "..F..F", "what is silenced is told when the silence ends")]
    [InlineData("sBaSBBC", "....", "what somebody acknowledged before is not told then")]
    [InlineData("sBBBSC", "....", "who was not told that it fires is not told that it is over")]
    public void Subscribers_are_told(string minutes, string expected, string because)
    {
        // A minute: B breached, C clear. Between minutes: s a silence begins, S it ends, a somebody acknowledges.
        SeriesRule rule = Rule("""{"kind":"window","above":"500ms","repeatInterval":"3m","resolveAfter":"0s","match":{"service":"shop"}}""");
        var machine = new AlertStateMachine(rule.Id, new AlertTiming(rule.For, rule.ResolveAfter, rule.RepeatInterval));
        GroupState state = GroupState.Initial(Group);
        var told = new StringBuilder();
        DateTimeOffset end = Start;
        Silence[] silences = [];
        foreach (char minute in minutes)
        {
            silences = minute switch { 's' => [new Silence { From = Start, Until = end.AddYears(1) }], 'S' => [], _ => silences };
            state = minute == 'a' ? state with { Acknowledged = new Acknowledgement("ada", end) } : state;
            if (minute is 'B' or 'C')
            {
                end = end.AddMinutes(1);
                (state, _) = machine.Judge(state, Verdict(minute), end);
                (state, AlertNotification? notification) = new NotificationDecision(rule, silences).Decide(state, end);
                told.Append(notification?.Type switch { null => '.', NotificationType.Firing => 'F', _ => 'R' });
            }
        }

        Assert.True(expected == told.ToString(), $"{because}: expected {expected}, was {told}");
    }

    [Fact]
    public void Each_notification_of_an_alert_has_an_id_of_its_own_and_follows_the_one_before()
    {
        SeriesRule rule = Rule("""{"kind":"window","above":"500ms","repeatInterval":"1m"}""");
        (GroupState state, AlertNotification? first) = new NotificationDecision(rule, []).Decide(Firing(), Start);
        (_, AlertNotification? again) = new NotificationDecision(rule, []).Decide(state with { EvaluatedTo = Start.AddMinutes(1) }, Start.AddMinutes(1));

        Assert.Equal(first!.Alert.AlertId, again!.Alert.AlertId);
        Assert.NotEqual(first.Id, again.Id);
        Assert.Equal(first.Id, again.FollowsId);
        Assert.Equal(Start, again.Alert.FiredAt);
    }

    [Fact]
    public void Its_end_is_told_with_the_severity_that_it_was_told_with()
    {
        (GroupState state, _) = new NotificationDecision(Rule("""{"kind":"window","above":"500ms","severity":"critical"}"""), []).Decide(Firing(), Start);
        GroupState over = state with { Phase = AlertPhase.Resolved, Since = Start.AddMinutes(1), EvaluatedTo = Start.AddMinutes(1) };

        (_, AlertNotification? resolved) = new NotificationDecision(Rule("""{"kind":"window","above":"500ms","severity":"info"}"""), []).Decide(over, Start.AddMinutes(1));
        Assert.Equal((NotificationType.Resolved, AlertSeverity.Critical), (resolved!.Type, resolved.Alert.Severity));

        AlertNotification ended = NotificationDecision.End("r", over)!;
        Assert.Equal((resolved.Id, AlertSeverity.Critical, resolved.FollowsId), (ended.Id, ended.Alert.Severity, ended.FollowsId));
    }

    [Fact]
    public void A_late_window_decides_nothing()
    {
        var silence = new Silence { From = Start.AddMinutes(1), Until = Start.AddMinutes(5) };
        var decision = new NotificationDecision(Rule("""{"kind":"window","above":"500ms"}"""), [silence]);
        GroupState silenced = Firing() with { EvaluatedTo = Start.AddMinutes(2) };

        Assert.Equal((silenced, null), decision.Decide(silenced, Start));
    }

    [Fact]
    public void What_a_changed_rule_is_not_about_any_more_ends()
    {
        // Nothing is measured of shop any more, which would be less than the lowest throughput for ever.
        SeriesRule changed = Rule("""{"kind":"window","statistic":"throughput","below":"1/s","match":{"service":"bank"}}""");
        RuleOutcome outcome = RuleEvaluation.Evaluate(changed, [Firing()], new SeriesGroups(changed, 1), Start.AddMinutes(1));

        Assert.Equal(
            ["shop Resolved", "bank Firing"],
            outcome.Transitions.OrderBy(transition => transition.To == AlertPhase.Firing).Select(transition => $"{transition.Group.Service} {transition.To}"));
    }

    private static GroupState Firing() => GroupState.Initial(Group) with
    {
        Phase = AlertPhase.Firing, Since = Start, FiredAt = Start, EvaluatedTo = Start, AlertId = "a", Last = Verdict('B'),
    };

    private static Verdict Verdict(char minute) => new(minute == 'B' ? Outcome.Breached : Outcome.Clear, 800, 500, "ms", "p95");

    private static SeriesRule Rule(string json) => (SeriesRule)RuleDocument.Read(Encoding.UTF8.GetBytes(json), "r").Rule!;
}
