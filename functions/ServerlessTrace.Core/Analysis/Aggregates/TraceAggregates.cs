using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>
/// What traces add up to, by minute: latency, dependencies and business values. What a trace contributes depends on its content alone, so that a
/// new revision's contribution is the difference to the former one's. The number of series is bounded: see <see cref="SeriesBounds"/>. Not thread-safe.
/// </summary>
public sealed class TraceAggregates
{
    private SeriesBounds? _bounds;

    /// <summary>Durations and errors of traces and spans, at the minute in which each started.</summary>
    public SeriesTable<LatencySeries, LatencyMeasures> Latency { get; } = new();

    /// <summary>The same by the values of configured attributes.</summary>
    public SeriesTable<AttributeSeries, LatencyMeasures> Attributes { get; } = new();

    /// <summary>Calls, at the minute in which each started.</summary>
    public SeriesTable<DependencySeries, LatencyMeasures> Dependencies { get; } = new();

    /// <summary>Values of numeric business keys, at the minute in which their trace started.</summary>
    public SeriesTable<BusinessSeries, ValueMeasures> Business { get; } = new();

    /// <summary>Whether nothing was added, or all of it was taken back.</summary>
    public bool IsEmpty => Latency.Count == 0 && Attributes.Count == 0 && Dependencies.Count == 0 && Business.Count == 0;

    /// <summary>What one trace contributes.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="hour">The hour, since 1970 UTC, in which its contribution is kept.</param>
    /// <param name="count">How many traces it stands for.</param>
    /// <param name="options">The business keys and attributes to look for.</param>
    public static TraceAggregates Of(Trace trace, int hour, AdjustedCount count, AnalysisOptions options)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var aggregator = new TraceAggregator(new BatchNames(trace.Batch, options), hour);
        aggregator.Add(trace, count);
        return aggregator.Take();
    }

    /// <summary>
    /// Adds all that others have, which stay as they are. A series that has no place is counted with the others of its kind; so is what it
    /// gains or loses later, since it has no place then either.
    /// </summary>
    public void Merge(TraceAggregates other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Business.Merge(other.Business);
        if (_bounds is null && Series + other.Series <= SeriesBounds.MostNames)
        {
            Latency.Merge(other.Latency);
            Attributes.Merge(other.Attributes);
            Dependencies.Merge(other.Dependencies);
            return;
        }

        SeriesBounds bounds = _bounds ??= BoundsOfThis();
        Latency.Merge(other.Latency, bounds.Fit);
        Attributes.Merge(other.Attributes, bounds.Fit);
        Dependencies.Merge(other.Dependencies, bounds.Fit);
    }

    /// <summary>Takes back what others have, from the series under which it was counted.</summary>
    public void Subtract(TraceAggregates other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Latency.Subtract(other.Latency, series => _bounds?.Fit(series) ?? series);
        Attributes.Subtract(other.Attributes, series => _bounds?.Fit(series) ?? series);
        Dependencies.Subtract(other.Dependencies, series => _bounds?.Fit(series) ?? series);
        Business.Subtract(other.Business, static series => series);
    }

    /// <summary>The same with bounded series: these, where they are.</summary>
    internal TraceAggregates Bounded()
    {
        if (Series <= SeriesBounds.MostNames)
        {
            return this;
        }

        var bounded = new TraceAggregates();
        bounded.Merge(this);
        return bounded;
    }

    /// <summary>Leaves out what other minutes have: those before the first, those from the end on.</summary>
    public void Keep(int first, int end)
    {
        Latency.Keep(first, end);
        Attributes.Keep(first, end);
        Dependencies.Keep(first, end);
        Business.Keep(first, end);
    }

    /// <summary>Merges minutes into steps of so many, the first of which begins at a minute that none is before; each is known by its first minute.</summary>
    public void Coarsen(int first, int step)
    {
        Latency.Coarsen(first, step);
        Dependencies.Coarsen(first, step);
        Business.Coarsen(first, step);
    }

    private int Series => Latency.Count + Attributes.Count + Dependencies.Count;

    private SeriesBounds BoundsOfThis()
    {
        var bounds = new SeriesBounds();
        foreach ((LatencySeries series, _, _) in Latency.All)
        {
            bounds.Fit(series);
        }

        foreach ((AttributeSeries series, _, _) in Attributes.All)
        {
            bounds.Fit(series);
        }

        foreach ((DependencySeries series, _, _) in Dependencies.All)
        {
            bounds.Fit(series);
        }

        return bounds;
    }
}
