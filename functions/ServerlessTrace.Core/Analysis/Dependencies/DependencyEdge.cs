namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>All calls of one node to another in one way.</summary>
/// <param name="Caller">Who calls, or sends.</param>
/// <param name="Callee">Who is called, or receives.</param>
/// <param name="IsMessaging">Whether the caller does not wait: it sends messages, or what is called follows from it.</param>
/// <param name="Calls">How many.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="P50Nano">The median duration of those that ended, in ns (nearest rank); 0 where none did.</param>
/// <param name="P95Nano">The 95th percentile, in ns.</param>
public sealed record DependencyEdge(DependencyNode Caller, DependencyNode Callee, bool IsMessaging, int Calls, int Errors, long P50Nano, long P95Nano);
