namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>A call that a trace tells of.</summary>
/// <param name="Series">Who calls whom, and how.</param>
/// <param name="Span">The span that measures it: the called side's, where that is known.</param>
/// <param name="Failed">Whether it failed.</param>
internal readonly record struct DependencyCall(DependencySeries Series, int Span, bool Failed);
