using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Validation;

/// <summary>Looks at the traces that the records make: what is missing in them, and whose spans it is missing from.</summary>
internal sealed class TraceLint(FindingsBySender senders, SpanBatch batch)
{
    /// <summary>Warnings that rules about single spans repeat.</summary>
    private static readonly HashSet<string> Repeated = new(StringComparer.Ordinal) { "open-span", "unknown-start", "missing-parent", "contradiction" };

    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private readonly HashSet<string> _receiving = new(StringComparer.Ordinal);

    /// <summary>Looks at all traces.</summary>
    public void Read(IReadOnlyList<TraceRange> ranges)
    {
        foreach (TraceRange range in ranges)
        {
            Read(new Trace(batch, range));
        }

        // Alone in its traces and at their top: nobody's context reaches it. Somebody has to be first, though.
        if (senders.All.Count(findings => findings.Spans > 0) > 1)
        {
            foreach (string sender in _receiving.Where(sender => !_called.Contains(sender)))
            {
                senders.Of(sender).Add(Rule.NotContinued, "no span of the service has a parent, and no other service is in its traces", $"service {sender}");
            }
        }
    }

    private void Read(Trace trace)
    {
        HashSet<int> services = [];
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            services.Add(span.Service);
            Read(trace, in span);
        }

        foreach (TraceWarning warning in TraceWarnings.Of(trace).Where(static warning => !Repeated.Contains(warning.Kind)))
        {
            // Who caused it, a warning does not say; the trace's first service knows the most of it.
            senders.Of(Text(trace[Math.Max(trace.Root, 0)].Service)).AddOnce(Rule.OfWarning(warning.Kind), warning.Text, $"trace {trace.Id}");
        }

        foreach (int service in services)
        {
            string sender = Text(service);
            if (services.Count > 1)
            {
                _called.Add(sender);
            }
        }
    }

    private void Read(Trace trace, in SpanRecord span)
    {
        string sender = Text(span.Service);
        string place = $"span {span.SpanId} ({Text(span.Name)}) of trace {trace.Id}";
        Findings findings = senders.Of(sender);
        findings.Spans++;
        if ((span.Flags & SpanFlags.Ended) == 0)
        {
            findings.Add(Rule.NoEnd, "a span has no end", place);
        }
        else if (span.StartUnixNano == 0 && span.ReportedDurationNano is null)
        {
            findings.Add(Rule.NoStart, "a span has neither a start nor a duration", place);
        }

        if ((span.Flags & SpanFlags.Contradicted) != 0)
        {
            findings.Add(Rule.DuplicateSpan, "records of one span id contradict each other", place);
        }

        if (!span.ParentSpanId.IsZero)
        {
            _called.Add(sender);
            if (trace.IndexOf(span.ParentSpanId) < 0)
            {
                findings.Add(Rule.MissingParent, "the parent of a span is not in the logs", place);
            }
        }
        else if (span.Kind is SpanKind.Server or SpanKind.Consumer)
        {
            _receiving.Add(sender);
        }
    }

    private string Text(int text) => Encoding.UTF8.GetString(batch.Strings[text]);
}
