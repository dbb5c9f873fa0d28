namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>Who calls or is called.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The service; the database or queue as <c>system/name</c>; the host. Empty for spans that name no service.</param>
public sealed record DependencyNode(DependencyKind Kind, string Name);
