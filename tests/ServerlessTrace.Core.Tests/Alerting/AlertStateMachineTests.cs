using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.State;

namespace ServerlessTrace.Core.Tests.Alerting;

/// <summary>
/// Inactive → pending → firing → resolved, a letter a minute. Windows: B breached, N near the threshold, C clear, U unknown. Phases: i, p, f, r.
/// A digit says how many minutes nobody evaluated.
/// </summary>
public sealed class AlertStateMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 2, 26, 18, 0, 0, TimeSpan.Zero);
    private static readonly GroupKey Group = new() { Service = "payment-service" };

    [Theory]
    [InlineData(0, 0, "CNUC", "iiii", "nothing happens while nothing is breached")]
    [InlineData(0, 0, "CBC", "ifr", "without for and resolveAfter a window decides")]
    [InlineData(3, 0, "BBBB", "pppf", "it fires when breached for long enough")]
    [InlineData(3, 0, "BBBCBBBB", "pppipppf", "a clear window in between starts it anew")]
    [InlineData(3, 0, "BBNBBBB", "ppipppf", "near the threshold is not breached")]
    [InlineData(3, 0, "BBUB", "ppip", "nor is what is not known")]
    [InlineData(0, 2, "BCCC", "fffr", "it is resolved when well for long enough")]
    [InlineData(0, 2, "BCCBCCC", "ffffffr", "a breach in between starts that anew")]
    [InlineData(0, 2, "BCCNCCC", "ffffffr", "and so does a window near the threshold: hysteresis")]
    [InlineData(0, 2, "BNNNNNNNN", "fffffffff", "near the threshold it goes on firing")]
    [InlineData(0, 2, "BUUUUUUUU", "ffffffffr", "without samples it goes on firing for five more minutes")]
    [InlineData(0, 2, "BUUC", "fffr", "one clear window after that says it was well")]
    [InlineData(0, 0, "BCB", "frf", "what was resolved may fire again")]
    [InlineData(3, 0, "BB4BBBB", "pppppf", "what nobody looked at was not breached for long")]
    [InlineData(3, 0, "BB2B", "ppf", "a short gap does no harm")]
    public void Windows_make_phases(int forMinutes, int resolveAfterMinutes, string windows, string phases, string because)
    {
        var clock = new FakeTimeProvider(Start);
        var machine = new AlertStateMachine("rule", new AlertTiming(TimeSpan.FromMinutes(forMinutes), TimeSpan.FromMinutes(resolveAfterMinutes), TimeSpan.FromHours(4)));
        GroupState state = GroupState.Initial(Group);
        var seen = new List<char>();
        foreach (char window in windows)
        {
            clock.Advance(TimeSpan.FromMinutes(char.IsDigit(window) ? window - '0' : 1));
            if (!char.IsDigit(window))
            {
                GroupState before = state;
                (state, AlertTransition? transition) = machine.Judge(state, Verdict(window), clock.GetUtcNow());
                seen.Add("ipfr"[(int)state.Phase]);
                Assert.Equal(before.Phase != state.Phase, transition is not null);
                Assert.Equal((state, null), machine.Judge(state, Verdict('B'), clock.GetUtcNow()));
            }
        }

        Assert.True(phases == new string([.. seen]), $"{because}: expected {phases}, was {new string([.. seen])}");
    }

    [Fact]
    public void A_window_that_comes_late_or_again_changes_nothing()
    {
        var machine = new AlertStateMachine("rule", new AlertTiming(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(4)));
        (GroupState firing, AlertTransition? fired) = machine.Judge(GroupState.Initial(Group), Verdict('B'), Start);
        (GroupState resolved, AlertTransition? over) = machine.Judge(firing, Verdict('C'), Start.AddMinutes(1));

        Assert.Equal((AlertPhase.Inactive, AlertPhase.Firing), (fired!.From, fired.To));
        Assert.Equal((AlertPhase.Firing, AlertPhase.Resolved), (over!.From, over.To));
        Assert.Equal(fired.AlertId, over.AlertId);
        Assert.Equal((resolved, null), machine.Judge(resolved, Verdict('B'), Start));
        Assert.Equal((resolved, null), machine.Judge(resolved, Verdict('B'), Start.AddMinutes(1)));
    }

    [Fact]
    public void The_same_windows_make_the_same_alerts_whoever_judges_them()
    {
        AlertTransition[] Run()
        {
            var machine = new AlertStateMachine("rule", new AlertTiming(TimeSpan.FromMinutes(1), TimeSpan.Zero, TimeSpan.FromHours(4)));
            GroupState state = GroupState.Initial(new GroupKey { Service = "payment-service" });
            var transitions = new List<AlertTransition>();
            string windows = "BBCBBBCUB";
            for (int i = 0; i < windows.Length; i++)
            {
                (state, AlertTransition? transition) = machine.Judge(state, Verdict(windows[i]), Start.AddMinutes(i));
                transitions.AddRange(transition is null ? [] : [transition]);
            }

            return [.. transitions];
        }

        AlertTransition[] once = Run();
        Assert.Equal(once, Run());
        Assert.Equal(3, once.Select(transition => transition.AlertId).Distinct().Count());
    }

    private static Verdict Verdict(char window) => new(
        window switch { 'B' => Outcome.Breached, 'N' => Outcome.Near, 'C' => Outcome.Clear, _ => Outcome.Unknown }, 1, 2, "ms", "p95");
}
