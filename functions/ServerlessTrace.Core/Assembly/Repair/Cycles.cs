namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Cuts each cycle of parents at its earliest span, which becomes a root.</summary>
internal static class Cycles
{
    /// <summary>Walks up from every span; whoever meets its own walk closes a cycle. Linear: no span is walked over twice.</summary>
    /// <param name="parents">Changed.</param>
    /// <param name="walk">Scratch of the same length: the number of the walk that visited a span.</param>
    public static int Cut(Span<int> parents, Span<int> walk)
    {
        int cycles = 0;
        walk.Fill(-1);
        for (int i = 0; i < parents.Length; i++)
        {
            int at = i;
            while (at >= 0 && walk[at] < 0)
            {
                walk[at] = i;
                at = parents[at];
            }

            if (at >= 0 && walk[at] == i)
            {
                parents[EarliestOf(at, parents)] = -1;
                cycles++;
            }
        }

        return cycles;
    }

    private static int EarliestOf(int member, ReadOnlySpan<int> parents)
    {
        int earliest = member;
        for (int other = parents[member]; other != member; other = parents[other])
        {
            earliest = Math.Min(earliest, other);
        }

        return earliest;
    }

    public static void Report(Trace trace, WarningList warnings) =>
        warnings.AddCount("cycle", trace.CycleCount, "{0} cycle(s) of parents were cut at their earliest span.");
}
