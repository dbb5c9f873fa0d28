namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>Of which calls durations and errors are collected.</summary>
/// <param name="Caller">Who calls, or sends.</param>
/// <param name="Callee">Who is called, or receives.</param>
/// <param name="IsMessaging">Whether the caller does not wait.</param>
public readonly record struct DependencySeries(DependencyNode Caller, DependencyNode Callee, bool IsMessaging)
{
    /// <summary>The same where what one trace knows only by name is a service that has sent spans in another one.</summary>
    internal DependencySeries WithKnown(IReadOnlySet<string> services) => this with { Caller = Known(Caller, services), Callee = Known(Callee, services) };

    private static DependencyNode Known(DependencyNode node, IReadOnlySet<string> services) =>
        node.Kind == DependencyKind.External && services.Contains(node.Name) ? node with { Kind = DependencyKind.Service } : node;
}
