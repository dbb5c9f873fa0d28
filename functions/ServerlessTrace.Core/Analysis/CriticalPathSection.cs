namespace ServerlessTrace.Core.Analysis;

/// <summary>A stretch of time in which the trace waited for one span alone.</summary>
/// <param name="Span">The span's index in its trace.</param>
/// <param name="Start">In ns since 1970 UTC.</param>
/// <param name="End">In ns since 1970 UTC, after <paramref name="Start"/>.</param>
public readonly record struct CriticalPathSection(int Span, long Start, long End)
{
    /// <summary>How long it is, in ns.</summary>
    public long Duration => End - Start;
}
