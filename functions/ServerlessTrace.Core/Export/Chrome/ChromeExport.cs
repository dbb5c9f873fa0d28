using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Chrome;

/// <summary>
/// Trace events in the JSON object format ("Trace Event Format", Google, 2016), which Perfetto, speedscope and chrome://tracing open: a process a
/// service, threads as lanes, a complete event a span, an instant event an event, and a flow wherever a call leaves its lane. Times are µs after the
/// trace's start: JavaScript cannot hold nanoseconds since 1970. A call that began before its caller, by a skewed clock, has no flow.
/// </summary>
internal sealed class ChromeExport
{
    private readonly ExportJson _json;
    private readonly Utf8JsonWriter _writer;
    private readonly Trace _trace;
    private readonly SpanBatch _batch;
    private readonly AttributeCollection _attributes;
    private readonly SliceLanes _lanes;

    public ChromeExport(ExportJson json)
    {
        _json = json;
        _writer = json.Writer;
        _trace = json.Trace;
        _batch = json.Batch;
        _attributes = new AttributeCollection(json.Batch);
        _lanes = new SliceLanes(json.Trace);
    }

    public void Write()
    {
        _writer.WriteStartObject();
        _writer.WriteStartArray("traceEvents"u8);
        WriteLanes();
        for (int span = 0; span < _trace.SpanCount; span++)
        {
            // In this order, so that a flow binds to the slice written before it, not to one that begins at the same time.
            WriteSlice(span);
            WriteFlowEnd(span);
            WriteFlowStarts(span);
            WriteEvents(span);
            _json.FlushIfFull();
        }

        _writer.WriteEndArray();
        _writer.WriteString("displayTimeUnit"u8, "ms"u8);
        _writer.WriteStartObject("otherData"u8);
        _json.Id("traceId"u8, _trace.Id);
        _writer.WriteString("startTime"u8, Rfc3339.Of(_trace.Start));
        _writer.WriteString("status"u8, SpanNames.Of(_trace.Status));
        _writer.WriteEndObject();
        _writer.WriteEndObject();
    }

    private void WriteLanes()
    {
        for (int lane = 0; lane < _lanes.Count; lane++)
        {
            if (_lanes.NumberOf(lane) == 1)
            {
                WriteProcess(lane);
            }

            BeginMetadata("thread_name"u8, lane);
            _writer.WriteString("name"u8, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"lane {_lanes.NumberOf(lane)}"));
            EndMetadata();
            BeginMetadata("thread_sort_index"u8, lane);
            _writer.WriteNumber("sort_index"u8, _lanes.NumberOf(lane));
            EndMetadata();
        }
    }

    /// <summary>Names the process of a lane.</summary>
    private void WriteProcess(int lane)
    {
        BeginMetadata("process_name"u8, lane);
        int name = _lanes.ServiceNameOf(lane);
        if (name != 0)
        {
            _json.Text("name"u8, name);
        }
        else
        {
            _writer.WriteString("name"u8, "unknown service"u8);
        }

        EndMetadata();
        BeginMetadata("process_sort_index"u8, lane);
        _writer.WriteNumber("sort_index"u8, _lanes.ServiceOf(lane) + 1);
        EndMetadata();
    }

    private void BeginMetadata(ReadOnlySpan<byte> name, int lane)
    {
        _writer.WriteStartObject();
        _writer.WriteString("name"u8, name);
        _writer.WriteString("ph"u8, "M"u8);
        _writer.WriteNumber("pid"u8, _lanes.ServiceOf(lane) + 1);
        _writer.WriteNumber("tid"u8, lane + 1);
        _writer.WriteStartObject("args"u8);
    }

    private void EndMetadata()
    {
        _writer.WriteEndObject();
        _writer.WriteEndObject();
    }

    private void WriteSlice(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _writer.WriteStartObject();
        WriteName(span.Name);
        _writer.WriteString("cat"u8, span.Kind == SpanKind.Unspecified ? "span" : SpanNames.Of(span.Kind).ToLowerInvariant());
        WritePlace("X"u8, index, _lanes.Start(index));
        _writer.WriteNumber("dur"u8, Micros(_lanes.Start(index), _lanes.End(index)));
        if (span.Status == SpanStatus.Error)
        {
            // One of the reserved colour names: red.
            _writer.WriteString("cname"u8, "terrible"u8);
        }

        WriteArguments(index);
        _writer.WriteEndObject();
    }

    private void WriteName(int name)
    {
        if (name != 0)
        {
            _json.Text("name"u8, name);
        }
        else
        {
            _writer.WriteString("name"u8, "(unnamed)"u8);
        }
    }

    private void WritePlace(ReadOnlySpan<byte> phase, int span, long time)
    {
        int lane = _lanes.LaneOf(span);
        _writer.WriteString("ph"u8, phase);
        _writer.WriteNumber("pid"u8, _lanes.ServiceOf(lane) + 1);
        _writer.WriteNumber("tid"u8, lane + 1);
        _writer.WriteNumber("ts"u8, Micros(_trace.Start, time));
    }

    private void WriteArguments(int index)
    {
        ref readonly SpanRecord span = ref _trace[index];
        _writer.WriteStartObject("args"u8);
        _json.Id("spanId"u8, span.SpanId);
        SpanId parent = _json.ParentOf(index);
        if (!parent.IsZero)
        {
            _json.Id("parentSpanId"u8, parent);
        }

        _writer.WriteString("status"u8, SpanNames.Of(span.Status));
        if (span.StatusMessage != 0)
        {
            _json.Text("statusMessage"u8, span.StatusMessage);
        }

        if (span.IsOpen)
        {
            _writer.WriteString("open"u8, "no end was received"u8);
        }

        _attributes.Clear();
        _attributes.AddSpan(in span);
        WriteAttributes("attributes"u8);
        _attributes.Clear();
        _attributes.Add(_batch.Attributes(in span), AttributeScope.Resource);
        _attributes.Add(_batch.SharedAttributes(in span), AttributeScope.Resource);
        _attributes.Add(_batch.SharedAttributes(in span), AttributeScope.Instrumentation);
        WriteAttributes("resource"u8);
        _writer.WriteEndObject();
    }

    private void WriteAttributes(ReadOnlySpan<byte> property)
    {
        if (_attributes.Items.IsEmpty)
        {
            return;
        }

        _writer.WriteStartObject(property);
        foreach (ref readonly ExportedAttribute attribute in _attributes.Items)
        {
            _json.Property(in attribute);
        }

        _writer.WriteEndObject();
    }

    /// <summary>A flow begins where the caller does: there no other slice lies on it yet, to which viewers would bind the flow.</summary>
    private void WriteFlowStarts(int caller)
    {
        ReadOnlySpan<int> next = _trace.NextSiblings;
        for (int called = _trace.FirstChildren[caller]; called >= 0; called = next[called])
        {
            if (HasFlow(called))
            {
                WriteFlow("s"u8, called, caller);
                _writer.WriteEndObject();
                _json.FlushIfFull();
            }
        }
    }

    private void WriteFlowEnd(int called)
    {
        if (HasFlow(called))
        {
            WriteFlow("f"u8, called, called);
            _writer.WriteString("bp"u8, "e"u8);
            _writer.WriteEndObject();
        }
    }

    private bool HasFlow(int called)
    {
        int caller = _trace.Parents[called];
        return caller >= 0 && _lanes.LaneOf(caller) != _lanes.LaneOf(called) && _lanes.Start(caller) <= _lanes.Start(called);
    }

    private void WriteFlow(ReadOnlySpan<byte> phase, int called, int place)
    {
        // Name, category and id together tell which ends belong together.
        bool isMessage = AsynchronousCall.IsOne(_trace, called);
        _writer.WriteStartObject();
        _writer.WriteString("name"u8, isMessage ? "message"u8 : "call"u8);
        _writer.WriteString("cat"u8, isMessage ? "asynchronous"u8 : "synchronous"u8);
        WritePlace(phase, place, _lanes.Start(place));
        _writer.WriteNumber("id"u8, called + 1);
    }

    private void WriteEvents(int span)
    {
        for (int i = 0; i < _json.EventRecords(span); i++)
        {
            ref readonly SpanRecord record = ref _trace[_json.EventRecord(span, i)];
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in record))
            {
                WriteEvent(in spanEvent, span, i == 0 ? default : record.SpanId);
                _json.FlushIfFull();
            }
        }
    }

    private void WriteEvent(in SpanEvent spanEvent, int span, SpanId missing)
    {
        _writer.WriteStartObject();
        WriteName(spanEvent.Name);
        _writer.WriteString("cat"u8, "event"u8);
        WritePlace("i"u8, span, spanEvent.TimeUnixNano != 0 ? spanEvent.TimeUnixNano : _lanes.Start(span));
        _writer.WriteString("s"u8, "t"u8);
        _writer.WriteStartObject("args"u8);
        if (!missing.IsZero)
        {
            _json.Id("spanId"u8, missing);
        }

        _attributes.Clear();
        _attributes.Add(_batch.Attributes(in spanEvent));
        WriteAttributes("attributes"u8);
        _writer.WriteEndObject();
        _writer.WriteEndObject();
    }

    private static decimal Micros(long from, long to) => ((decimal)to - from) / 1000m;
}
