using System.Globalization;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>
/// Fires when a service level objective's error budget burns too fast: in a long and in a short window, so that it is no blip and still goes on.
/// Windows and rates are those of Google's SRE Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": 14.4 over 1 h and 5 min (2 % of a 30 days'
/// budget), 6 over 6 h and 30 min (5 % of it).
/// </summary>
public sealed record BurnRateRule : SeriesRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "burn-rate";

    private static readonly (TimeSpan Short, TimeSpan Long)[] Windows =
        [(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)), (TimeSpan.FromMinutes(30), TimeSpan.FromHours(6))];

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The part that must be good, in %.</summary>
    public double Objective { get; init; } = 99.9;

    /// <summary>What takes longer is bad, as what fails is; null where only failures are.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>The rate over 1 h and 5 min that is allowed: how many times as fast as the budget would last just as long as its period.</summary>
    public double FastBurn { get; init; } = 14.4;

    /// <summary>The rate over 6 h and 30 min that is allowed.</summary>
    public double SlowBurn { get; init; } = 6;

    /// <inheritdoc/>
    public override IReadOnlyList<AlertWindow> WindowsAt(DateTimeOffset end) =>
        [.. Windows.SelectMany(pair => new[] { new AlertWindow(end - pair.Short, end), new AlertWindow(end - pair.Long, end) })];

    /// <inheritdoc/>
    public override Verdict Judge(IReadOnlyList<LatencyMeasures> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        string what = string.Create(CultureInfo.InvariantCulture, $"burn rate of the error budget of {Objective}%");
        Verdict fast = Judge(windows[0], windows[1], FastBurn, what + " over 1h and 5m");
        Verdict slow = Judge(windows[2], windows[3], SlowBurn, what + " over 6h and 30m");
        return slow.Outcome > fast.Outcome ? slow : fast;
    }

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        foreach (string problem in base.FindProblems())
        {
            yield return problem;
        }

        if (Objective is not (>= 50 and < 100))
        {
            yield return "'objective' must be from 50 to below 100: the % that must be good, such as 99.9.";
        }

        if (Latency is { } latency && latency <= TimeSpan.Zero)
        {
            yield return "'latency' must be a duration above zero, such as 300ms; leave it out to count failures only.";
        }

        if (FastBurn is not (>= 1 and <= 1000) || SlowBurn is not (>= 1 and <= 1000))
        {
            yield return "'fastBurn' and 'slowBurn' must be from 1 to 1000.";
        }

        double budget = 1 - (Objective / 100);
        if (FastBurn * budget > 1 || SlowBurn * budget > 1)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"An objective of {Objective}% cannot burn {Math.Max(FastBurn, SlowBurn)} times too fast: even if all fails, it burns {1 / budget:0.#} times. Lower 'fastBurn' or 'slowBurn'.");
        }
    }

    private Verdict Judge(LatencyMeasures recent, LatencyMeasures all, double allowed, string what)
    {
        if (!HasEnough(all))
        {
            return Verdict.Unknown("x", what);
        }

        double burn = Math.Min(Burn(recent), Burn(all));
        return new Verdict(JudgeAbove(burn, allowed), burn, allowed, "x", what);
    }

    private double Burn(LatencyMeasures measures) =>
        measures.Count.Units <= 0 ? 0 : Bad(measures).Units / (double)measures.Count.Units / (1 - (Objective / 100));

    /// <summary>What is slow or failed.</summary>
    private AdjustedCount Bad(LatencyMeasures measures) => Latency is { } latency ? measures.CountBad(latency.Ticks * 100) : measures.Errors;
}
