namespace ServerlessTrace.Core.Analysis.Comparison;

/// <summary>A call that one trace makes more often than the other, or that only one makes.</summary>
/// <param name="Path">Services and operations from the root down to the call; of a deep one the last <see cref="MaxPath"/>.</param>
/// <param name="Depth">How many calls are above it.</param>
/// <param name="Before">How often the first trace makes it.</param>
/// <param name="After">How often the second trace makes it.</param>
/// <param name="BeforeSpans">The spans of the first trace, by index, in order of the tree; at most <see cref="MaxSpans"/>, and none where both make the call.</param>
/// <param name="AfterSpans">The spans of the second trace, likewise.</param>
/// <param name="SpansBelow">Spans below it, of the trace that makes the call alone; 0 where both do.</param>
public sealed record StructureChange(
    IReadOnlyList<(string Service, string Operation)> Path, int Depth, int Before, int After,
    IReadOnlyList<int> BeforeSpans, IReadOnlyList<int> AfterSpans, int SpansBelow)
{
    /// <summary>Steps of a path at most.</summary>
    public const int MaxPath = 8;

    /// <summary>Spans that one change names at most.</summary>
    public const int MaxSpans = 20;
}
