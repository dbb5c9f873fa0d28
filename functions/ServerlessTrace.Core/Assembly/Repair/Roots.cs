namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Chooses the root among all spans without a parent: the earliest, then the longest; one that was cut from a cycle only where there is no other.</summary>
internal static class Roots
{
    public static (int Root, int Count) Choose(Trace trace, ReadOnlySpan<int> parents, int cycles)
    {
        int root = -1;
        int count = 0;
        for (int i = 0; i < parents.Length; i++)
        {
            if (parents[i] < 0)
            {
                count++;

                // Spans are in order of start, longest first.
                root = root < 0 || (cycles > 0 && IsCut(trace, root) && !IsCut(trace, i)) ? i : root;
            }
        }

        return (root, count);
    }

    /// <summary>Whether a root has a parent after all, from which it was cut to break a cycle.</summary>
    private static bool IsCut(Trace trace, int root) => !trace[root].ParentSpanId.IsZero && trace.IndexOf(trace[root].ParentSpanId) >= 0;

    public static void Report(Trace trace, WarningList warnings)
    {
        bool several = trace.RootCount - trace.MissingParentCount - trace.CycleCount > 1;
        warnings.AddCount("several-roots", several ? trace.RootCount : 0, "The trace has {0} roots; the earliest one counts as the root.");
    }
}
