using System.Globalization;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>
/// Fires when a statistic is far from what it was in the windows just before: farther from their median than so many times their median absolute
/// deviation, scaled to a standard deviation (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993). A few odd windows among them do not matter.
/// </summary>
public sealed record OutlierRule : SeriesRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "outlier";

    // The median absolute deviation of a normal distribution is 0.6745 of its standard deviation.
    private const double DeviationOfNormal = 0.6745;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>What is measured.</summary>
    public Statistic Statistic { get; init; } = Statistic.P95;

    /// <summary>How many minutes are measured together.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many windows before it is compared with; half of them must have enough samples.</summary>
    public int History { get; init; } = 12;

    /// <summary>How many scaled deviations above the median are allowed.</summary>
    public double Deviations { get; init; } = 3.5;

    /// <summary>How far above the median it must be at least: windows that are all alike have no deviation. Where null: 50 ms, 1 %, or 1/s.</summary>
    public Threshold? MinimumEffect { get; init; }

    private double Effect => MinimumEffect?.Value ?? Statistic.UsualEffect();

    /// <inheritdoc/>
    public override IReadOnlyList<AlertWindow> WindowsAt(DateTimeOffset end) =>
        [.. Enumerable.Range(0, History + 1).Select(i => new AlertWindow(end - (Window * (i + 1)), end - (Window * i)))];

    /// <inheritdoc/>
    public override Verdict Judge(IReadOnlyList<LatencyMeasures> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        string what = string.Create(CultureInfo.InvariantCulture, $"{Statistic.Name()} against the {History} windows before");
        double[] earlier = [.. windows.Skip(1).Where(HasEnough).Select(measures => Statistic.Of(measures, Window))];
        if (!HasEnough(windows[0]) || earlier.Length * 2 < History)
        {
            return Verdict.Unknown(Statistic.Unit(), what);
        }

        double median = Median(earlier);
        double deviation = Median([.. earlier.Select(value => Math.Abs(value - median))]) / DeviationOfNormal;
        double allowed = median + Math.Max(deviation * Deviations, Effect);
        double observed = Statistic.Of(windows[0], Window);
        return new Verdict(JudgeAbove(observed, allowed), observed, allowed, Statistic.Unit(), what);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        foreach (string problem in base.FindProblems().Concat(FindWindowProblems(Window)))
        {
            yield return problem;
        }

        if (!Enum.IsDefined(Statistic))
        {
            yield return $"'statistic' must be {Statistics.Names}.";
            yield break;
        }

        if (History is < 4 or > 48 || Window * History > TimeSpan.FromHours(24))
        {
            yield return "'history' must be from 4 to 48 windows, together at most a day.";
        }

        if (Deviations is not (>= 1 and <= 100))
        {
            yield return "'deviations' must be from 1 to 100; 3.5 is usual.";
        }

        if (MinimumEffect is { } effect && !effect.Fits(Statistic.Unit()))
        {
            yield return $"'minimumEffect' {effect} does not fit {Statistic.Name()}, which is in {Statistic.Unit()}.";
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
