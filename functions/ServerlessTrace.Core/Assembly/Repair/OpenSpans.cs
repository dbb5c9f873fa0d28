namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Spans whose end is not known: they have no length of their own, keep the trace incomplete, and are shown until the trace's end.</summary>
internal static class OpenSpans
{
    public static void Report(Trace trace, WarningList warnings)
    {
        warnings.AddCount("no-span", trace.SpanCount == 0 ? 1 : 0, "Only events of this trace are known; no span was seen.");
        warnings.AddCount("open-span", trace.OpenCount, "{0} span(s) started and have no end yet.");
    }
}
