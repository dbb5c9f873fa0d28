using ServerlessTrace.Core.Assembly;

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
}
