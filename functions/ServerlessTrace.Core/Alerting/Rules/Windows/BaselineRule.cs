using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>Fires when a statistic is a multiple of what it was in the same window an hour, a day or a week before.</summary>
public sealed record BaselineRule : SeriesRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "baseline";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>What is measured.</summary>
    public Statistic Statistic { get; init; } = Statistic.P95;

    /// <summary>How many minutes are measured together.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Which window it is compared with.</summary>
    public BaselinePeriod Against { get; init; } = BaselinePeriod.Day;

    /// <summary>How many times the earlier value is allowed.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>How far above the earlier value it must be at least: twice a very small one is nothing. Where null: 50 ms, 1 %, or 1/s.</summary>
    public Threshold? MinimumEffect { get; init; }

    private double Effect => MinimumEffect?.Value ?? Statistic.UsualEffect();

    /// <inheritdoc/>
    public override IReadOnlyList<AlertWindow> WindowsAt(DateTimeOffset end)
    {
        DateTimeOffset before = end - Against switch
        {
            BaselinePeriod.Hour => TimeSpan.FromHours(1),
            BaselinePeriod.Week => TimeSpan.FromDays(7),
            _ => TimeSpan.FromDays(1),
        };
        return [new AlertWindow(end - Window, end), new AlertWindow(before - Window, before)];
    }

    /// <inheritdoc/>
    public override Verdict Judge(IReadOnlyList<LatencyMeasures> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        string what = $"{Statistic.Name()} against the {Against.ToString().ToLowerInvariant()} before";
        if (!HasEnough(windows[0]) || !HasEnough(windows[1]))
        {
            return Verdict.Unknown(Statistic.Unit(), what);
        }

        double observed = Statistic.Of(windows[0], Window);
        double earlier = Statistic.Of(windows[1], Window);
        double allowed = Math.Max(earlier * Factor, earlier + Effect);
        return new Verdict(JudgeAbove(observed, allowed), observed, allowed, Statistic.Unit(), what);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        foreach (string problem in base.FindProblems().Concat(FindWindowProblems(Window)))
        {
            yield return problem;
        }

        if (!Enum.IsDefined(Statistic) || !Enum.IsDefined(Against))
        {
            yield return $"'statistic' must be {Statistics.Names}, 'against' hour, day or week.";
            yield break;
        }

        if (Factor is not (> 1 and <= 1000))
        {
            yield return "'factor' must be above 1 and at most 1000: 2 fires at twice the earlier value.";
        }

        if (MinimumEffect is { } effect && !effect.Fits(Statistic.Unit()))
        {
            yield return $"'minimumEffect' {effect} does not fit {Statistic.Name()}, which is in {Statistic.Unit()}.";
        }
    }
}
