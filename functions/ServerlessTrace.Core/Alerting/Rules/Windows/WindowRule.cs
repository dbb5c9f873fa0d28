using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>Fires when a statistic of the last minutes is above, or below, a threshold.</summary>
public sealed record WindowRule : SeriesRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "window";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>What is measured.</summary>
    public Statistic Statistic { get; init; } = Statistic.P95;

    /// <summary>How many minutes are measured together.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The highest value that is allowed.</summary>
    public Threshold? Above { get; init; }

    /// <summary>The lowest value that is allowed.</summary>
    public Threshold? Below { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<AlertWindow> WindowsAt(DateTimeOffset end) => [new AlertWindow(end - Window, end)];

    /// <inheritdoc/>
    public override Verdict Judge(IReadOnlyList<LatencyMeasures> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        string what = Statistic.Name();
        string unit = Statistic.Unit();

        // Too few to say how long they take is itself what a lowest throughput is about.
        bool isCounted = Statistic == Statistic.Throughput && Below is not null;
        if (!isCounted && !HasEnough(windows[0]))
        {
            return Verdict.Unknown(unit, what);
        }

        double observed = Statistic.Of(windows[0], Window);
        return Above is { } highest
            ? new Verdict(JudgeAbove(observed, highest.Value), observed, highest.Value, unit, what)
            : new Verdict(JudgeBelow(observed, Below!.Value.Value), observed, Below.Value.Value, unit, what);
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

        if (Above is null == Below is null)
        {
            yield return "A window rule needs either 'above' or 'below', such as 'above: 500ms'.";
        }

        if ((Above ?? Below) is { } threshold && !threshold.Fits(Statistic.Unit()))
        {
            yield return $"The threshold {threshold} does not fit {Statistic.Name()}: write it like {Example()}.";
        }

        if (Below is not null && Statistic == Statistic.Throughput && FixedGroup is null)
        {
            yield return "A lowest throughput needs all of 'groupBy' named in 'match' (or 'groupBy: []'): a group that sends nothing could not be seen otherwise.";
        }
    }

    private string Example() => Statistic.Unit() switch
    {
        "%" => "5%",
        "1/s" => "10/s",
        _ => "500ms",
    };
}
