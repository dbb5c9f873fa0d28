namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>
/// The passes that make the best of what came, in the order in which they must run, each in a file of its own. None ever throws or drops a span,
/// and each says what it changed as a <see cref="TraceWarning"/>.
/// <list type="number">
/// <item><see cref="Duplicates"/>: records of one span become one, before there is a tree (<see cref="SpanMerger"/>).</item>
/// <item><see cref="MissingParents"/>: every span gets the parent it names; where that is not there it becomes a root.</item>
/// <item><see cref="SharedSpans"/>: needs those parents, and replaces some of them.</item>
/// <item><see cref="Cycles"/>: whatever parents are named by now, the result has no cycle.</item>
/// <item><see cref="Roots"/>: chooses among several roots; needs all parents to be final.</item>
/// <item><see cref="DoubtfulTimes"/>, <see cref="OpenSpans"/> and <see cref="OddFields"/>: what cannot be taken at its word.</item>
/// <item><see cref="ClockSkew"/>: last, for it compares the times of parents and children. It changes what is shown, never the spans: the critical
/// path is found on raw times.</item>
/// </list>
/// </summary>
internal static class RepairPasses
{
    /// <summary>Fills in every span's parent; -1 where it has none.</summary>
    /// <param name="trace">The trace, whose spans and ids are known.</param>
    /// <param name="parents">Written, by index.</param>
    /// <param name="scratch">As long as <paramref name="parents"/>; what it holds afterwards means nothing.</param>
    public static TreeRepairs LinkParents(Trace trace, Span<int> parents, Span<int> scratch)
    {
        MissingParents.Link(trace, parents);
        int shared = SharedSpans.Join(trace, parents);
        int missing = MissingParents.Count(trace, parents);
        int cycles = Cycles.Cut(parents, scratch);
        (int root, int roots) = Roots.Choose(trace, parents, cycles);
        return new TreeRepairs(root, roots, missing, shared, cycles);
    }

    /// <summary>What the passes changed and what is doubtful, in their order.</summary>
    public static IReadOnlyList<TraceWarning> Report(Trace trace, AdjustedTimes times)
    {
        var warnings = new WarningList();
        OpenSpans.Report(trace, warnings);
        MissingParents.Report(trace, warnings);
        SharedSpans.Report(trace, warnings);
        Cycles.Report(trace, warnings);
        Roots.Report(trace, warnings);
        DoubtfulTimes.Report(trace, warnings);
        OddFields.Report(trace, warnings);
        Duplicates.Report(trace, warnings);
        LeftOvers.Report(trace, warnings);
        ClockSkew.Report(trace, times, warnings);
        return warnings.All;
    }
}
