using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>
/// Finds parents where calls may have one id for both halves. The server's half hangs on the client's, if that is there, else
/// on what both name as parent. A span that names the shared id means the half in its own service, as Zipkin's own tree
/// does (<c>zipkin2.internal.SpanNode</c>); or the only half that is there.
/// </summary>
internal static class SharedSpans
{
    /// <summary>Changes the parents of shared halves and of what they called; how many halves hang on their client's now.</summary>
    public static int Join(Trace trace, Span<int> parents)
    {
        if (trace.SharedServerCount == 0)
        {
            return 0;
        }

        int joined = 0;
        for (int i = 0; i < parents.Length; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            if ((span.Flags & SpanFlags.SharedServer) != 0 && trace.IndexOf(SharedSpan.ClientHalf(span.SpanId)) is >= 0 and int client)
            {
                parents[i] = client;
                joined++;
            }
            else
            {
                parents[i] = HalfMeant(trace, i, parents[i]);
            }
        }

        return joined;
    }

    private static int HalfMeant(Trace trace, int span, int named)
    {
        ref readonly SpanRecord record = ref trace[span];
        int server = record.ParentSpanId.IsZero ? -1 : trace.IndexOf(SharedSpan.ServerHalf(record.ParentSpanId));
        return server >= 0 && server != span && (trace[server].Flags & SpanFlags.SharedServer) != 0 && (named < 0 || trace[server].Service == record.Service)
            ? server
            : named;
    }

    public static void Report(Trace trace, WarningList warnings) =>
        warnings.AddCount("shared-span", trace.SharedSpanCount, "{0} span(s) had the id of the client's span that called them; they have ids of their own here and hang on it.");
}
