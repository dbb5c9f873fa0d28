using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>Which spans a timeline shows that cannot show all: the root, the failed ones, those on the critical path, the longest.</summary>
internal static class TimelineSelection
{
    public static bool[] Of(TraceAnalysis analysis, int limit)
    {
        int count = analysis.Trace.SpanCount;
        var shown = new bool[count];
        if (count <= limit)
        {
            Array.Fill(shown, true);
            return shown;
        }

        int left = limit;
        Show(analysis.Trace.Root, shown, ref left);
        if (analysis.RootCause is { } cause)
        {
            Show(cause.Span, shown, ref left);
        }

        ShowFirst(analysis.Errors.Select(static error => error.Span), shown, ref left, limit / 3);
        long[] path = analysis.PathTimes.ToArray();
        ShowFirst(Enumerable.Range(0, count).Where(span => path[span] > 0).OrderByDescending(span => path[span]), shown, ref left, limit / 3);
        ShowFirst(Enumerable.Range(0, count).OrderByDescending(span => analysis.Trace[span].Duration), shown, ref left, left);
        return shown;
    }

    private static void ShowFirst(IEnumerable<int> spans, bool[] shown, ref int left, int most)
    {
        int until = Math.Max(0, left - most);
        foreach (int span in spans)
        {
            if (left <= until)
            {
                return;
            }

            Show(span, shown, ref left);
        }
    }

    private static void Show(int span, bool[] shown, ref int left)
    {
        if (!shown[span] && left > 0)
        {
            shown[span] = true;
            left--;
        }
    }
}
