using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What began, happened and ended, in order of time, nested as the spans are.</summary>
internal sealed class Timeline(Page page)
{
    /// <summary>Nesting that is drawn; deeper spans say how deep they are.</summary>
    private const int DrawnDepth = 12;

    private readonly Trace _trace = page.Trace;
    private readonly AdjustedTimes _times = page.Analysis.Times;
    private readonly Dictionary<int, SpanError> _errors = [];
    private readonly List<TimelineEntry> _entries = [];
    private readonly HashSet<int> _open = [];
    private int _eventsLeft = page.Options.TimelineSpans * 2;
    private int _hiddenEvents;

    public void Write()
    {
        page.Section("Span Timeline");
        bool[] shown = TimelineSelection.Of(page.Analysis, page.Options.TimelineSpans);
        foreach (SpanError error in page.Analysis.Errors)
        {
            if (shown[error.Span])
            {
                _errors.Add(error.Span, error);
            }
        }

        Collect(shown);
        _entries.Sort();
        foreach (TimelineEntry entry in _entries)
        {
            page.Line($"  {page.Paint(Ink.Faint, page.Time.Of(entry.Time))}  {Describe(in entry)}");
        }

        WriteHidden(shown);
    }

    private void WriteHidden(bool[] shown)
    {
        int hidden = shown.Count(static isShown => !isShown);
        if (hidden > 0)
        {
            page.Line(page.Paint(Ink.Faint, string.Create(
                CultureInfo.InvariantCulture,
                $"  … {hidden:N0} of {shown.Length:N0} spans are not shown: these are the failed ones, those on the critical path and the longest.")));
        }

        page.More(_hiddenEvents, "events");
        if (_entries.Count == 0)
        {
            page.Line("  Nothing with a time was received.");
        }
    }

    /// <summary>Entries in the order of a walk through the tree, whose place decides between entries of the same time.</summary>
    private void Collect(bool[] shown)
    {
        int place = 0;
        var ended = new Stack<int>();
        foreach (int span in page.Analysis.Order.Spans)
        {
            while (ended.Count > 0 && ended.Peek() != _trace.Parents[span])
            {
                AddEnd(ended.Pop(), shown, ref place);
            }

            ended.Push(span);
            if (shown[span])
            {
                _entries.Add(new TimelineEntry(_times.StartOf(span), place++, span, TimelineEntry.Start));
                AddEvents(span, ref place);
            }
        }

        while (ended.Count > 0)
        {
            AddEnd(ended.Pop(), shown, ref place);
        }

        for (int record = _trace.SpanCount; record < _trace.RecordCount; record++)
        {
            AddEvents(record, ref place);
        }
    }

    private void AddEnd(int span, bool[] shown, ref int place)
    {
        if (shown[span] && !_trace[span].IsOpen)
        {
            _entries.Add(new TimelineEntry(_times.EndOf(span), place++, span, TimelineEntry.End));
        }
    }

    private void AddEvents(int record, ref int place)
    {
        ReadOnlySpan<SpanEvent> events = _trace.Batch.Events(in _trace[record]);
        for (int i = 0; i < events.Length; i++)
        {
            if (_eventsLeft > 0)
            {
                _eventsLeft--;
                _entries.Add(new TimelineEntry(events[i].TimeUnixNano == 0 ? 0 : events[i].TimeUnixNano + _times.ShiftOf(record), place++, record, i));
            }
            else
            {
                _hiddenEvents++;
            }
        }
    }

    private string Describe(in TimelineEntry entry)
    {
        int span = entry.Record;
        switch (entry.Event)
        {
            case TimelineEntry.Start:
                string start = $"{Bars(span)}┌ {page.Operation(span)} (span_start){Recorded(span, _trace[span].Start)}";
                _open.Add(span);
                return _trace[span].IsOpen ? $"{start} {page.Paint(Ink.Advice, "[OPEN: no end was received]")}" : start;
            case TimelineEntry.End:
                _open.Remove(span);
                return $"{Bars(span)}└ {page.Operation(span)} (span_end) {Outcome(span)}{page.Paint(Ink.Faint, DurationText.Of(_trace[span].Duration))}{Recorded(span, _trace[span].End)}{Cause(span)}";
            default:
                return DescribeEvent(in entry);
        }
    }

    private string DescribeEvent(in TimelineEntry entry)
    {
        ref readonly SpanRecord record = ref _trace[entry.Record];
        string name = page.Text(_trace.Batch.Events(in record)[entry.Event].Name, "(unnamed)");
        if (entry.Record < _trace.SpanCount)
        {
            return $"{Bars(entry.Record)}{(_open.Contains(entry.Record) ? "│ " : "  ")}• {name} {page.Paint(Ink.Faint, "(span_event)")}";
        }

        string of = record.SpanId.IsZero ? "of the trace" : $"of span {record.SpanId}, which was not received";
        string service = record.Service == 0 ? string.Empty : page.Text(record.Service, string.Empty) + ": ";
        return $"• {service}{name} {page.Paint(Ink.Faint, $"(event {of})")}";
    }

    private string Outcome(int span)
    {
        if (_errors.TryGetValue(span, out SpanError? error))
        {
            string? reason = error.Message ?? error.Code;
            string label = reason is null ? "[ERROR]" : $"[ERROR: {PlainText.Line(reason, 80)}]";
            return page.Paint(Ink.Bad, label) + " ";
        }

        return _trace[span].Status == SpanStatus.Ok ? page.Paint(Ink.Good, "[OK]") + " " : string.Empty;
    }

    /// <summary>The recorded time, where another one is shown.</summary>
    private string Recorded(int span, long time) => _times.ShiftOf(span) == 0 ? string.Empty : page.Paint(Ink.Faint, $" [recorded {page.Time.Text(time)}]");

    private string Cause(int span) =>
        _errors.TryGetValue(span, out SpanError? error) && error.IsRootCause ? page.Paint(Ink.Advice, " ◄ root cause") : string.Empty;

    /// <summary>A bar for each span above that is open at this moment, a blank for each that is not.</summary>
    private string Bars(int span)
    {
        int depth = page.Analysis.Order.Depths[span];
        if (depth > DrawnDepth)
        {
            return string.Create(CultureInfo.InvariantCulture, $"│ … {depth} deep ");
        }

        var bars = new StringBuilder();
        for (int above = _trace.Parents[span]; above >= 0; above = _trace.Parents[above])
        {
            bars.Insert(0, _open.Contains(above) ? "│ " : "  ");
        }

        return page.Paint(Ink.Faint, bars.ToString());
    }
}
