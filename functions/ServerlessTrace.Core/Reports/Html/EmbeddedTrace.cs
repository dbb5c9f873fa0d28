using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Html;

/// <summary>
/// The trace as the page's script reads it (<c>Page/trace.js</c>): a column a field, each text once, times in ns after the trace's start.
/// Spans and events are where they are shown (<see cref="AdjustedTimes"/>), the critical path is where it was recorded.
/// For this page only, and as small as it gets without an encoding that a script would have to undo.
/// </summary>
internal sealed class EmbeddedTrace(Utf8JsonWriter writer, TraceAnalysis analysis)
{
    private const int FlushAt = 1 << 20;

    private readonly Trace _trace = analysis.Trace;
    private readonly AdjustedTimes _times = analysis.Times;
    private readonly SpanBatch _batch = analysis.Trace.Batch;
    private readonly Dictionary<int, int> _places = [];
    private readonly List<int> _texts = [];
    private readonly Dictionary<(int Start, int Count), int> _resources = [];

    public void Write()
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, _trace.Id.ToString());
        writer.WriteString("start"u8, _times.Start.ToString(System.Globalization.CultureInfo.InvariantCulture));
        writer.WriteNumber("duration"u8, _times.Duration);
        writer.WriteString("status"u8, SpanNames.Of(_trace.Status));
        writer.WriteNumber("root"u8, _trace.Root);
        WriteColumns();
        WriteRows("details"u8, WriteDetail);
        WriteResources();
        WriteOrphans();
        WritePath();
        WriteErrors();
        WriteInsights();
        WriteBusiness();
        WriteWarnings();
        WriteTexts();
        writer.WriteEndObject();
    }

    private void WriteColumns()
    {
        writer.WriteStartObject("spans"u8);
        WriteRows("id"u8, index => writer.WriteStringValue(_trace[index].SpanId.ToString()));
        WriteRows("parent"u8, index => writer.WriteNumberValue(_trace.Parents[index]));
        WriteRows("service"u8, index => WriteText(_trace[index].Service));
        WriteRows("name"u8, index => WriteText(_trace[index].Name));
        WriteRows("start"u8, index => writer.WriteNumberValue(After(_times.StartOf(index))));
        WriteRows("duration"u8, index => writer.WriteNumberValue(_trace[index].Duration));
        WriteRows("self"u8, index => writer.WriteNumberValue(analysis.SelfTimes[index]));
        WriteRows("slack"u8, index => writer.WriteNumberValue(analysis.Slack.Slack[index]));
        WriteRows("drag"u8, index => writer.WriteNumberValue(analysis.Slack.Drag[index]));
        WriteRows("kind"u8, index => writer.WriteNumberValue((byte)_trace[index].Kind));
        WriteRows("status"u8, index => writer.WriteNumberValue((byte)_trace[index].Status));
        WriteRows("flags"u8, index => writer.WriteNumberValue((int)FlagsOf(index)));
        WriteRows("resource"u8, index => writer.WriteNumberValue(ResourceOf(in _trace[index])));
        writer.WriteEndObject();
    }

    private void WriteRows(ReadOnlySpan<byte> name, Action<int> write)
    {
        writer.WriteStartArray(name);
        for (int i = 0; i < _trace.SpanCount; i++)
        {
            write(i);
            if (writer.BytesPending > FlushAt)
            {
                writer.Flush();
            }
        }

        writer.WriteEndArray();
    }

    private PageFlags FlagsOf(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        PageFlags flags = span.IsOpen ? PageFlags.Open : PageFlags.None;
        flags |= AsynchronousCall.IsOne(_trace, index) ? PageFlags.Asynchronous : PageFlags.None;
        flags |= span.Flags.HasFlag(SpanFlags.Contradicted) ? PageFlags.Contradicted : PageFlags.None;
        flags |= span.Flags.HasFlag(SpanFlags.Truncated) ? PageFlags.Truncated : PageFlags.None;
        flags |= span.Flags.HasFlag(SpanFlags.ServiceFromSource) ? PageFlags.ServiceFromSource : PageFlags.None;
        return flags | (span.Start == 0 ? PageFlags.WithoutTime : PageFlags.None);
    }

    /// <summary>The number of the attributes that a span shares with others; they are written once.</summary>
    private int ResourceOf(in SpanRecord span)
    {
        if (span.SharedCount == 0)
        {
            return -1;
        }

        (int, int) key = (span.SharedStart, span.SharedCount);
        if (!_resources.TryGetValue(key, out int number))
        {
            number = _resources.Count;
            _resources.Add(key, number);
        }

        return number;
    }

    private void WriteResources()
    {
        writer.WriteStartArray("resources"u8);
        foreach ((int start, int count) in _resources.Keys)
        {
            WriteAttributes(_batch.Attributes(start, count));
        }

        writer.WriteEndArray();
    }

    /// <summary>What few spans have; 0 where a span has none of it.</summary>
    private void WriteDetail(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        bool strayParent = !span.ParentSpanId.IsZero && _trace.Parents[index] < 0;
        bool backwards = span.EndUnixNano != 0 && span.EndUnixNano < span.Start;
        long shift = _times.ShiftOf(index);
        bool hasMessage = _batch.Strings[span.StatusMessage].Length > 0;
        bool hasState = _batch.Strings[span.TraceState].Length > 0;
        if (span is { AttributeCount: 0, EventCount: 0, LinkCount: 0 } && shift == 0 && !strayParent && !backwards && !hasMessage && !hasState)
        {
            writer.WriteNumberValue(0);
            return;
        }

        writer.WriteStartObject();
        if (span.AttributeCount > 0)
        {
            writer.WritePropertyName("a"u8);
            WriteAttributes(_batch.Attributes(in span));
        }

        WriteEvents(in span, shift);
        WriteLinks(in span);
        if (hasMessage)
        {
            writer.WriteNumber("m"u8, Place(span.StatusMessage));
        }

        if (hasState)
        {
            writer.WriteNumber("t"u8, Place(span.TraceState));
        }

        if (strayParent)
        {
            writer.WriteString("p"u8, span.ParentSpanId.ToString());
        }

        if (backwards)
        {
            writer.WriteNumber("b"u8, span.Start - span.EndUnixNano);
        }

        if (shift != 0)
        {
            writer.WriteNumber("k"u8, shift);
        }

        writer.WriteEndObject();
    }

    private void WriteEvents(in SpanRecord span, long shift)
    {
        if (span.EventCount == 0)
        {
            return;
        }

        writer.WriteStartArray("e"u8);
        foreach (ref readonly SpanEvent spanEvent in _batch.Events(in span))
        {
            WriteEvent(in spanEvent, shift);
        }

        writer.WriteEndArray();
    }

    private void WriteEvent(in SpanEvent spanEvent, long shift)
    {
        writer.WriteStartArray();
        if (spanEvent.TimeUnixNano == 0)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteNumberValue(After(spanEvent.TimeUnixNano + shift));
        }

        WriteText(spanEvent.Name);
        WriteAttributes(_batch.Attributes(in spanEvent));
        writer.WriteEndArray();
    }

    private void WriteLinks(in SpanRecord span)
    {
        if (span.LinkCount == 0)
        {
            return;
        }

        writer.WriteStartArray("l"u8);
        foreach (ref readonly SpanLink link in _batch.Links(in span))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(link.TraceId.ToString());
            writer.WriteStringValue(link.SpanId.ToString());
            WriteAttributes(_batch.Attributes(in link));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    /// <summary>Key, type and value in turn: a text's number, or what else it is as a string.</summary>
    private void WriteAttributes(ReadOnlySpan<SpanAttribute> attributes)
    {
        writer.WriteStartArray();
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            WriteText(attribute.Key);
            writer.WriteNumberValue(((int)attribute.Scope * 8) + (int)attribute.Kind);
            if (attribute.IsText)
            {
                WriteText(attribute.Text);
            }
            else
            {
                writer.WriteStringValue(AttributeText.Of(_batch, in attribute));
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Events of spans that were never seen, or of the trace itself.</summary>
    private void WriteOrphans()
    {
        writer.WriteStartArray("orphans"u8);
        for (int i = _trace.SpanCount; i < _trace.RecordCount; i++)
        {
            ref readonly SpanRecord record = ref _trace[i];
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in record))
            {
                WriteEvent(in spanEvent, shift: 0);
            }
        }

        writer.WriteEndArray();
    }

    private void WritePath()
    {
        CriticalPath path = analysis.CriticalPath;
        writer.WriteString("mode"u8, path.Mode == CriticalPathMode.Strict ? "strict"u8 : "tolerant"u8);
        writer.WriteStartArray("path"u8);
        foreach (CriticalPathSection section in path.Sections)
        {
            writer.WriteNumberValue(section.Span);
            writer.WriteNumberValue(After(section.Start));
            writer.WriteNumberValue(section.Duration);
        }

        writer.WriteEndArray();
    }

    private void WriteErrors()
    {
        writer.WriteNumber("cause"u8, analysis.RootCause?.Span ?? -1);
        writer.WriteStartArray("errors"u8);
        foreach (SpanError error in analysis.Errors)
        {
            writer.WriteStartObject();
            writer.WriteNumber("span"u8, error.Span);
            writer.WriteString("code"u8, error.Code);
            writer.WriteString("message"u8, error.Message);
            writer.WriteString("stack"u8, error.StackTrace);
            writer.WriteBoolean("root"u8, error.IsRootCause);
            writer.WriteBoolean("recovered"u8, error.IsRecovered);
            writer.WriteNumber("cause"u8, error.CausedBy);
            writer.WriteEndObject();
            if (writer.BytesPending > FlushAt)
            {
                writer.Flush();
            }
        }

        writer.WriteEndArray();
    }

    private void WriteInsights()
    {
        writer.WriteStartArray("insights"u8);
        foreach (Insight insight in analysis.Insights)
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, insight.Kind);
            writer.WriteNumber("cost"u8, insight.CostNano);
            writer.WriteString("text"u8, insight.Text);
            writer.WriteString("advice"u8, insight.Recommendation);
            writer.WriteStartArray("spans"u8);
            foreach (int span in insight.Spans)
            {
                writer.WriteNumberValue(span);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteBusiness()
    {
        TraceOutcome outcome = TraceOutcome.Of(analysis);
        writer.WriteStartObject("outcome"u8);
        writer.WriteString("result"u8, outcome.Result);
        writer.WriteString("reason"u8, outcome.Reason);
        writer.WriteEndObject();
        writer.WriteStartArray("business"u8);
        foreach (BusinessFact fact in analysis.Business)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(fact.Key);
            writer.WriteStringValue(fact.Value);
            writer.WriteNumberValue(fact.OtherValues);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private void WriteWarnings()
    {
        writer.WriteStartArray("warnings"u8);
        foreach (TraceWarning warning in analysis.Warnings)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(warning.Kind);
            writer.WriteStringValue(warning.Text);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    /// <summary>Last, for everything before numbers its texts as it goes.</summary>
    private void WriteTexts()
    {
        writer.WriteStartArray("texts"u8);
        foreach (int text in _texts)
        {
            writer.WriteStringValue(_batch.Text(text));
            if (writer.BytesPending > FlushAt)
            {
                writer.Flush();
            }
        }

        writer.WriteEndArray();
    }

    private void WriteText(int text) => writer.WriteNumberValue(Place(text));

    private int Place(int text)
    {
        if (!_places.TryGetValue(text, out int place))
        {
            place = _texts.Count;
            _places.Add(text, place);
            _texts.Add(text);
        }

        return place;
    }

    private long After(long time) => time == 0 ? 0 : time - _times.Start;
}
