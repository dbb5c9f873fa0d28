using System.Text.Json.Serialization;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>
/// A rule that is evaluated every minute on the latency sketches of all shards merged, for each group of series by itself.
/// </summary>
public abstract record SeriesRule : AlertRule
{
    private const int MaxGroupBy = 5;

    /// <summary>What makes a group: <c>service</c>, <c>operation</c>, <c>environment</c>, or an attribute's name.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [SeriesDimension.Service];

    /// <summary>Whether whole traces (under their root's service and operation) or single spans are measured.</summary>
    public MeasuredStep Of { get; init; } = MeasuredStep.Spans;

    /// <summary>The fewest samples of a window that say anything.</summary>
    public int MinimumSamples { get; init; } = 10;

    /// <summary>How long the threshold must be breached before the alert fires; zero to fire at once.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How long all must be well before a firing alert is resolved.</summary>
    public TimeSpan ResolveAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How far from the threshold, as a part of it, all is well again: hysteresis. From 0.5 to 1.</summary>
    public double ResolveRatio { get; init; } = 0.9;

    /// <summary>After what time an alert that still fires is told of again, unless somebody acknowledged it.</summary>
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The attribute that it is about, beside service, operation and environment; null for none.</summary>
    [JsonIgnore]
    public string? Attribute => GroupBy.Concat(Match.Attributes.Keys).FirstOrDefault(name => !SeriesDimension.IsNamed(name));

    /// <summary>What the state machine needs of this rule.</summary>
    internal AlertTiming Timing => new(For, ResolveAfter, RepeatInterval);

    /// <summary>
    /// The group that is there even when nothing is measured, because the rule names all that it groups by; null where groups are only
    /// those that are measured.
    /// </summary>
    [JsonIgnore]
    public GroupKey? FixedGroup
    {
        get
        {
            bool isFixed = GroupBy.All(name => name switch
            {
                SeriesDimension.Service => Match.Service is not null,
                SeriesDimension.Operation => Match.Operation is not null,
                SeriesDimension.Environment => Match.Environment is not null,
                _ => Match.Attributes.ContainsKey(name),
            });
            return isFixed
                ? new GroupKey { Service = Match.Service, Operation = Match.Operation, Environment = Match.Environment, Attributes = Match.Attributes }
                : null;
        }
    }

    /// <summary>Whether a group is one of this rule's: those of a former version of it may not be.</summary>
    internal bool IsAbout(GroupKey group)
    {
        return Has(SeriesDimension.Service, Match.Service, group.Service)
            && Has(SeriesDimension.Operation, Match.Operation, group.Operation)
            && Has(SeriesDimension.Environment, Match.Environment, group.Environment)
            && group.Attributes.Count == (Attribute is null ? 0 : 1)
            && group.Attributes.All(own => AttributeName.IsSame(own.Key, Attribute!) && (!Match.Attributes.TryGetValue(own.Key, out string? wanted) || wanted == own.Value));

        bool Has(string name, string? matched, string? value) => matched is null ? GroupBy.Contains(name, StringComparer.Ordinal) == value is not null : matched == value;
    }

    /// <summary>The windows that the rule looks at when it is evaluated at a full minute; the first is the one that it is about.</summary>
    public abstract IReadOnlyList<AlertWindow> WindowsAt(DateTimeOffset end);

    /// <summary>Judges a group.</summary>
    /// <param name="windows">What was measured in each of <see cref="WindowsAt"/>; empty measures where there was nothing.</param>
    public abstract Verdict Judge(IReadOnlyList<LatencyMeasures> windows);

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        foreach (string problem in base.FindProblems())
        {
            yield return problem;
        }

        if (GroupBy.Count > MaxGroupBy || GroupBy.Any(name => name is not { Length: > 0 and <= LongestText }) || GroupBy.Distinct(StringComparer.Ordinal).Count() != GroupBy.Count)
        {
            yield return $"'groupBy' may list up to {MaxGroupBy} of service, operation, environment and attribute names, each once.";
        }

        if (GroupBy.Where(name => !SeriesDimension.IsNamed(name ?? string.Empty)).Union(Match.Attributes.Keys).Count() > 1)
        {
            yield return "A rule on series may be about one attribute: all others in 'groupBy' must be service, operation or environment.";
        }

        if (!Enum.IsDefined(Of))
        {
            yield return "'of' must be spans or traces.";
        }

        if (MinimumSamples is < 0 or > 1_000_000)
        {
            yield return "'minimumSamples' must be from 0 to 1000000.";
        }

        if (For < TimeSpan.Zero || For > TimeSpan.FromDays(1) || ResolveAfter < TimeSpan.Zero || ResolveAfter > TimeSpan.FromDays(1))
        {
            yield return "'for' and 'resolveAfter' must be from 0s to 1d.";
        }

        if (ResolveRatio is not (>= 0.5 and <= 1))
        {
            yield return "'resolveRatio' must be from 0.5 to 1: 0.9 resolves an alert over 500ms below 450ms.";
        }

        if (RepeatInterval < TimeSpan.FromMinutes(1) || RepeatInterval > TimeSpan.FromDays(30))
        {
            yield return "'repeatInterval' must be from 1m to 30d.";
        }
    }

    /// <summary>Whether there are enough samples to say anything.</summary>
    private protected bool HasEnough(LatencyMeasures measures) => measures.Count.Value >= MinimumSamples && measures.Count.Units > 0;

    /// <summary>How a value that must not be above a threshold stands.</summary>
    private protected Outcome JudgeAbove(double observed, double threshold) =>
        observed > threshold ? Outcome.Breached : observed > threshold * ResolveRatio ? Outcome.Near : Outcome.Clear;

    /// <summary>How a value that must not be below a threshold stands.</summary>
    private protected Outcome JudgeBelow(double observed, double threshold) =>
        observed < threshold ? Outcome.Breached : observed < threshold / ResolveRatio ? Outcome.Near : Outcome.Clear;

    private protected static IEnumerable<string> FindWindowProblems(TimeSpan window)
    {
        if (window < TimeSpan.FromMinutes(1) || window > TimeSpan.FromHours(1) || window.Ticks % TimeSpan.TicksPerMinute != 0)
        {
            yield return "'window' must be whole minutes from 1m to 1h.";
        }
    }
}
