using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>What an outline of a trace needs of one record, in about half of a <see cref="SpanRecord"/>'s memory.</summary>
internal struct RecordOutline
{
    private TraceId _traceId;
    private SpanId _spanId;
    private SpanId _parentSpanId;

    // Of what is no span: when its first and its last event were.
    private long _start;
    private long _end;
    private long _reportedDurationPlusOne;
    private int _service;
    private int _name;
    private SpanFlags _flags;
    private SpanKind _kind;
    private SpanStatus _status;

    /// <summary>Takes what is needed of a record.</summary>
    /// <param name="batch">The record's batch.</param>
    /// <param name="record">The record.</param>
    /// <param name="service">The number of its service where the outlines' texts are.</param>
    /// <param name="name">The number of its name there.</param>
    public void Take(SpanBatch batch, in SpanRecord record, int service, int name)
    {
        _traceId = record.TraceId;
        _spanId = record.SpanId;
        _parentSpanId = record.ParentSpanId;
        _start = record.StartUnixNano;
        _end = record.EndUnixNano;
        _reportedDurationPlusOne = record.ReportedDurationPlusOne;
        _service = service;
        _name = name;
        _flags = record.Flags;
        _kind = record.Kind;
        _status = record.Status;
        if (!record.IsSpan)
        {
            TakeTimes(batch.Events(in record));
        }
    }

    /// <summary>Appends the record as far as it is known.</summary>
    public readonly void AddTo(SpanBatch batch)
    {
        ref SpanRecord record = ref batch.AddSpan();
        record.TraceId = _traceId;
        record.SpanId = _spanId;
        record.ParentSpanId = _parentSpanId;
        record.ReportedDurationPlusOne = _reportedDurationPlusOne;
        record.Service = _service;
        record.Name = _name;
        record.Kind = _kind;
        record.Status = _status;
        record.Flags = _flags;
        if (record.IsSpan)
        {
            record.StartUnixNano = _start;
            record.EndUnixNano = _end;
        }
        else if (_end != 0)
        {
            record.EventStart = batch.AddEvent(new SpanEvent { TimeUnixNano = _start });
            batch.AddEvent(new SpanEvent { TimeUnixNano = _end });
            record.EventCount = 2;
        }
    }

    /// <summary>Where a trace has nothing but events, they are all that says when it was.</summary>
    private void TakeTimes(ReadOnlySpan<SpanEvent> events)
    {
        _start = _end = 0;
        foreach (ref readonly SpanEvent spanEvent in events)
        {
            long time = spanEvent.TimeUnixNano;
            if (time != 0)
            {
                _start = _start == 0 ? time : Math.Min(_start, time);
                _end = Math.Max(_end, time);
            }
        }
    }
}
