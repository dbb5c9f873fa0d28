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

    /// <summary>Ids under the names of vendors, for a record without any others.</summary>
    public TraceId OtherTraceId;
    public SpanId OtherSpanId;

    /// <summary>Times in ns since 1970; 0 for none.</summary>
    public long Timestamp;
    public long StartTime;
    public long EndTime;

    /// <summary>The duration in ns, where <see cref="DurationField"/> is there; -1 where it is unknown.</summary>
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

    /// <summary>Which fields are odd.</summary>
    public SpanFlags Odd;

    /// <summary>A plain <c>"error": true</c>.</summary>
    public bool Failed;

    /// <summary>The record is a log store's entry, which wraps another one.</summary>
    public bool IsEntry;

    /// <summary>The trace id is decimal, and so are the other ids.</summary>
    public bool IsDecimal;

    /// <summary>A duration is there that is null or no number.</summary>
    public bool HasOddDuration;

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

    /// <summary>Whether any field says of which trace it is.</summary>
    public readonly bool HasTrace => !(TraceId.IsZero && HeaderTraceId.IsZero && OtherTraceId.IsZero);

    /// <summary>Whether nothing says what happened.</summary>
    public readonly bool IsNameless => (Message | EventText | EventName | Name) == 0 && DurationField is null && StartTime == 0;

    /// <summary>How a span is named in it, if it is.</summary>
    public readonly int OwnName => SpanName != 0 ? SpanName : Name;

    /// <summary>The start that a span's record tells, else its timestamp.</summary>
    public readonly long Start => StartTime != 0 ? StartTime : Timestamp;

    /// <summary>The end that a span's record tells, else its timestamp.</summary>
    public readonly long End => EndTime != 0 ? EndTime : Timestamp;

    /// <summary>Takes over what another reading of the same record found that this one lacks.</summary>
    public void Complete(in SpanLogRecord other)
    {
        TraceId = TraceId.IsZero ? other.TraceId : TraceId;
        SpanId = SpanId.IsZero ? other.SpanId : SpanId;
        ParentSpanId = ParentSpanId.IsZero ? other.ParentSpanId : ParentSpanId;
        HeaderTraceId = HeaderTraceId.IsZero ? other.HeaderTraceId : HeaderTraceId;
        HeaderSpanId = HeaderSpanId.IsZero ? other.HeaderSpanId : HeaderSpanId;
        OtherTraceId = OtherTraceId.IsZero ? other.OtherTraceId : OtherTraceId;
        OtherSpanId = OtherSpanId.IsZero ? other.OtherSpanId : OtherSpanId;
        Timestamp = Timestamp != 0 ? Timestamp : other.Timestamp;
        StartTime = StartTime != 0 ? StartTime : other.StartTime;
        EndTime = EndTime != 0 ? EndTime : other.EndTime;
        if (DurationField is null)
        {
            Duration = other.Duration;
            DurationField = other.DurationField;
            DurationText = other.DurationText;
            HasOddDuration |= other.HasOddDuration;
        }

        Service = Service != 0 ? Service : other.Service;
        SpanName = SpanName != 0 ? SpanName : other.SpanName;
        Name = Name != 0 ? Name : other.Name;
        (EventText, Event) = EventText != 0 ? (EventText, Event) : (other.EventText, other.Event);
        EventName = EventName != 0 ? EventName : other.EventName;
        Message = Message != 0 ? Message : other.Message;
        MessageTemplate = MessageTemplate != 0 ? MessageTemplate : other.MessageTemplate;
        StatusMessage = StatusMessage != 0 ? StatusMessage : other.StatusMessage;
        ErrorCode = ErrorCode != 0 ? ErrorCode : other.ErrorCode;
        ErrorMessage = ErrorMessage != 0 ? ErrorMessage : other.ErrorMessage;
        StackTrace = StackTrace != 0 ? StackTrace : other.StackTrace;
        TraceState = TraceState != 0 ? TraceState : other.TraceState;
        Kind = Kind != SpanKind.Unspecified ? Kind : other.Kind;
        Status = Status != SpanStatus.Unset ? Status : other.Status;
        Odd |= other.Odd;
        Failed |= other.Failed;
        IsDecimal |= other.IsDecimal;
        IsSerilog |= other.IsSerilog;
        EndsAtTimestamp |= other.EndsAtTimestamp;
        IsSevere |= other.IsSevere;
    }
}
