using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Gives every span the parent that it names; a span whose parent was not received becomes a root.</summary>
internal static class MissingParents
{
    public static void Link(Trace trace, Span<int> parents)
    {
        for (int i = 0; i < parents.Length; i++)
        {
            SpanId parent = trace[i].ParentSpanId;
            parents[i] = parent.IsZero ? -1 : trace.IndexOf(parent);
        }
    }

    public static int Count(Trace trace, ReadOnlySpan<int> parents)
    {
        int missing = 0;
        for (int i = 0; i < parents.Length; i++)
        {
            missing += parents[i] < 0 && !trace[i].ParentSpanId.IsZero ? 1 : 0;
        }

        return missing;
    }

    public static void Report(Trace trace, WarningList warnings) =>
        warnings.AddCount("missing-parent", trace.MissingParentCount, "{0} span(s) name a parent that was not received; they are shown as roots.");
}
