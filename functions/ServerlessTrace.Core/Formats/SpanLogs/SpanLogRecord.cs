using ServerlessTrace.Core.Spans;
using FieldKey = ServerlessTrace.Core.Formats.Json.FieldKey<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The known fields of the record being read; texts by their number in the batch, 0 for none.</summary>
internal unsafe struct SpanLogRecord
{
    public TraceId TraceId;
    public SpanId SpanId;
    public SpanId ParentSpanId;

    /// <summary>The ids of a <c>traceparent</c>, for a record without ids of its own.</summary>
    public TraceId HeaderTraceId;
    public SpanId HeaderSpanId;

    /// <summary>Times in ns since 1970; 0 for none.</summary>
    public long Timestamp;
    public long StartTime;
    public long EndTime;

    /// <summary>The duration in ns, where <see cref="DurationField"/> is there.</summary>
    public long Duration;

    /// <summary>The duration's field and where its value stands, for the attribute that it becomes on an event.</summary>
    public FieldKey? DurationField;
    public byte* DurationText;

    public int Service;
    public int SpanName;
    public int Name;
    public int EventText;
    public int EventName;
    public int Message;
    public int MessageTemplate;
    public int StatusMessage;
    public int ErrorCode;
    public int ErrorMessage;
    public int StackTrace;
    public int TraceState;

    public int TimestampStrength;
    public int ServiceStrength;
    public int SpanNameStrength;
    public int StatusStrength;

    public SpanLogEvent Event;
    public SpanKind Kind;
    public SpanStatus Status;

    /// <summary>A plain <c>"error": true</c>.</summary>
    public bool Failed;

    /// <summary>Fields of Serilog's are there, to which <see cref="SerilogRecord"/> gives their meaning.</summary>
    public bool IsSerilog;

    /// <summary>The record is a span's that has ended at its timestamp.</summary>
    public bool EndsAtTimestamp;

    /// <summary>A field of another format's records is there.</summary>
    public bool HasForeignField;

    /// <summary>The level is Error or Fatal.</summary>
    public bool IsSevere;

    /// <summary>Whether it may be a record of another format: it has such a field, and says neither event nor message.</summary>
    public readonly bool MayBeForeign => HasForeignField && !IsSerilog && (EventText | EventName | Message) == 0 && Event == SpanLogEvent.None;

    /// <summary>How a span is named in it, if it is.</summary>
    public readonly int OwnName => SpanName != 0 ? SpanName : Name;

    /// <summary>The start that a span's record tells, else its timestamp.</summary>
    public readonly long Start => StartTime != 0 ? StartTime : Timestamp;

    /// <summary>The end that a span's record tells, else its timestamp.</summary>
    public readonly long End => EndTime != 0 ? EndTime : Timestamp;
}
