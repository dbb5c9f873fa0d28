using System.Globalization;
using System.Runtime.InteropServices;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>Adds up many traces of one batch. Names are numbers until the end, so that a span costs one look-up. Not thread-safe.</summary>
public sealed class TraceAggregator
{
    /// <summary>
    /// Minutes that the traces of one hour are spread over: a span that starts later is counted in the last one, and one that starts before the hour
    /// in the first, so that who reads a range knows where to look.
    /// </summary>
    public const int MinutesCovered = 120;

    /// <summary>Different operations of one trace that are told apart: the first ones.</summary>
    private const int OperationsPerTrace = 1_000;

    /// <summary>Marks of a trace: one for each key, then others, such as the ids of further requests, until there are so many.</summary>
    private const int MarksPerTrace = 6;

    private const int LongestName = 200;
    private const long NanosPerMinute = 60_000_000_000;
    private const int Other = -1;

    private readonly BatchNames _names;
    private readonly int _firstMinute;
    private readonly Dictionary<SpanKey, LatencyMeasures> _spans = [];
    private TraceAggregates _aggregates = new();

    /// <summary>Adds up traces whose contributions are kept in an hour, since 1970 UTC.</summary>
    public TraceAggregator(BatchNames names, int hour)
    {
        ArgumentNullException.ThrowIfNull(names);
        _names = names;
        _firstMinute = hour * 60;
    }

    /// <summary>Adds a trace of the batch, which stands for so many; returns the marks by which its business values are found, bounded.</summary>
    public IReadOnlyList<BusinessMark> Add(Trace trace, AdjustedCount count)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (trace.SpanCount > 0)
        {
            int environment = DeploymentEnvironment.Of(trace);
            AddTrace(trace, environment, count);
            AddSpans(trace, environment, count);
            AddAttributes(trace, environment, count);
            AddCalls(trace, count);
        }

        IReadOnlyList<BusinessFact> facts = BusinessContext.Of(trace, _names.BusinessKeys);
        AddValues(trace, facts, count);
        return Marks(facts);
    }

    /// <summary>What was added since the last time.</summary>
    public TraceAggregates Take()
    {
        foreach ((SpanKey key, LatencyMeasures measures) in _spans)
        {
            var series = new LatencySeries(Text(key.Service), Operation(key.Name), Text(key.Environment), (LatencyStep)key.Step);
            _aggregates.Latency.Adopt(series, key.Minute, measures);
        }

        _spans.Clear();
        TraceAggregates taken = _aggregates;
        _aggregates = new TraceAggregates();
        return taken.Bounded();
    }

    private void AddTrace(Trace trace, int environment, AdjustedCount count)
    {
        ref readonly SpanRecord root = ref trace[trace.Root];
        Measures(new SpanKey(root.Service, root.Name, environment, (int)LatencyStep.Trace, Minute(trace.Start)))
            .Add(root.IsOpen ? null : trace.Duration, trace.ErrorCount > 0, count);
    }

    private void AddSpans(Trace trace, int environment, AdjustedCount count)
    {
        HashSet<(int Service, int Name)>? seen = trace.SpanCount > OperationsPerTrace ? [] : null;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            (int service, int name) = (span.Service, span.Name);
            if (seen?.Contains((service, name)) == false && (seen.Count == OperationsPerTrace || !seen.Add((service, name))))
            {
                (service, name) = (Other, Other);
            }

            Measures(new SpanKey(service, name, environment, (int)LatencyStep.Span, Minute(span.Start)))
                .Add(span.IsOpen ? null : span.Duration, span.Status == SpanStatus.Error, count);
        }
    }

    private void AddAttributes(Trace trace, int environment, AdjustedCount count)
    {
        if (_names.MeasuredAttributes.Keys.Count == 0)
        {
            return;
        }

        var values = new MeasuredValues(_names, OperationsPerTrace);
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            long? duration = span.IsOpen ? null : span.Duration;
            foreach ((string name, string value) in values.Of(in span))
            {
                AddAttribute(in span, environment, LatencyStep.Span, name, Bounded(value), Minute(span.Start)).Add(duration, span.Status == SpanStatus.Error, count);
                if (i == trace.Root)
                {
                    AddAttribute(in span, environment, LatencyStep.Trace, name, Bounded(value), Minute(trace.Start))
                        .Add(span.IsOpen ? null : trace.Duration, trace.ErrorCount > 0, count);
                }
            }
        }
    }

    private LatencyMeasures AddAttribute(in SpanRecord span, int environment, LatencyStep step, string name, string value, int minute) => _aggregates.Attributes.At(
        new AttributeSeries(new LatencySeries(Text(span.Service), Operation(span.Name), Text(environment), step), name, value), minute);

    private void AddCalls(Trace trace, AdjustedCount count)
    {
        foreach (DependencyCall call in _names.Calls(trace))
        {
            ref readonly SpanRecord span = ref trace[call.Span];
            _aggregates.Dependencies.At(Bounded(call.Series), Minute(span.Start)).Add(span.IsOpen ? null : span.Duration, call.Failed, count);
        }
    }

    private void AddValues(Trace trace, IReadOnlyList<BusinessFact> facts, AdjustedCount count)
    {
        foreach (BusinessFact fact in facts)
        {
            if (fact.Number is { } number)
            {
                string service = trace.Root < 0 ? string.Empty : Text(trace[trace.Root].Service);
                _aggregates.Business.At(new BusinessSeries(fact.Key, service, trace.Status), Minute(trace.Start)).Add(number, count);
            }
        }
    }

    private static IReadOnlyList<BusinessMark> Marks(IReadOnlyList<BusinessFact> facts)
    {
        if (facts.Count == 0)
        {
            return [];
        }

        // What is measured is not looked for.
        var marks = facts.Where(static fact => fact.Number is null).Select(static fact => BusinessMark.Of(fact.Key, fact.Value)).ToHashSet();
        foreach (BusinessFact fact in facts)
        {
            foreach (string other in fact.Number is null ? fact.Others.Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
            {
                if (marks.Count >= MarksPerTrace)
                {
                    return [.. marks];
                }

                marks.Add(BusinessMark.Of(fact.Key, other));
            }
        }

        return [.. marks];
    }

    private LatencyMeasures Measures(in SpanKey key)
    {
        ref LatencyMeasures? measures = ref CollectionsMarshal.GetValueRefOrAddDefault(_spans, key, out _);
        return measures ??= new LatencyMeasures();
    }

    private int Minute(long unixNano) => (int)Math.Clamp(unixNano / NanosPerMinute, _firstMinute, _firstMinute + MinutesCovered - 1);

    private static DependencySeries Bounded(DependencySeries series) =>
        series.Caller.Name.Length <= LongestName && series.Callee.Name.Length <= LongestName
            ? series
            : series with { Caller = Bounded(series.Caller), Callee = Bounded(series.Callee) };

    private static DependencyNode Bounded(DependencyNode node) => node with { Name = Bounded(node.Name) };

    private string Operation(int number) => number == Other ? SeriesBounds.OtherOperations : Bounded(_names.Operation(number));

    private string Text(int number) => number == Other ? SeriesBounds.OtherOperations : Bounded(_names.Batch.Text(number));

    private static string Bounded(string text) => text.Length <= LongestName ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, LongestName - 1)}…");

    private readonly record struct SpanKey(int Service, int Name, int Environment, int Step, int Minute);
}
