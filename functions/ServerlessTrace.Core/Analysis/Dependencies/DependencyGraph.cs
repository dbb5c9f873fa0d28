using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>Who calls whom.</summary>
/// <param name="Nodes">By kind, then name.</param>
/// <param name="Edges">By caller, callee and way, in the order of the nodes.</param>
public sealed record DependencyGraph(IReadOnlyList<DependencyNode> Nodes, IReadOnlyList<DependencyEdge> Edges)
{
    /// <summary>The graph of one trace.</summary>
    public static DependencyGraph Of(Trace trace)
    {
        var calls = new DependencyCalls();
        calls.Add(trace);
        return calls.ToGraph();
    }

    /// <summary>The graph of all calls that traces add up to, and of all services that sent spans.</summary>
    public static DependencyGraph Of(TraceAggregates totals)
    {
        ArgumentNullException.ThrowIfNull(totals);
        var services = totals.Latency.All.Where(static item => item.Series.Step == LatencyStep.Span).Select(static item => item.Series.Service)
            .Where(static service => service is not ("" or SourceName.UnknownService)).ToHashSet(StringComparer.Ordinal);
        var merged = new SeriesTable<DependencySeries, LatencyMeasures>();
        foreach ((DependencySeries series, _, LatencyMeasures measures) in totals.Dependencies.All)
        {
            merged.At(series.WithKnown(services), 0).Merge(measures);
        }

        return Of(services, merged.All.Select(static item => new DependencyEdge(
            item.Series.Caller,
            item.Series.Callee,
            item.Series.IsMessaging,
            (int)Math.Round(item.Measures.Count.Value),
            (int)Math.Round(item.Measures.Errors.Value),
            (long)item.Measures.Durations.Quantile(0.5),
            (long)item.Measures.Durations.Quantile(0.95))));
    }

    /// <summary>The graph of calls, each edge once, and of services, also those that nobody calls.</summary>
    internal static DependencyGraph Of(IEnumerable<string> services, IEnumerable<DependencyEdge> edges)
    {
        DependencyEdge[] all = [.. edges];
        DependencyNode[] nodes =
        [
            .. services.Select(static service => new DependencyNode(DependencyKind.Service, service))
                .Concat(all.SelectMany(static edge => new[] { edge.Caller, edge.Callee })).Distinct()
                .OrderBy(static node => node.Kind).ThenBy(static node => node.Name, StringComparer.Ordinal),
        ];
        var places = nodes.Select(static (node, place) => (node, place)).ToDictionary(static pair => pair.node, static pair => pair.place);
        return new DependencyGraph(
            nodes, [.. all.OrderBy(edge => places[edge.Caller]).ThenBy(edge => places[edge.Callee]).ThenBy(static edge => edge.IsMessaging)]);
    }
}
