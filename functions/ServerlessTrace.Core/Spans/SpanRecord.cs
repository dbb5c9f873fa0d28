namespace ServerlessTrace.Core.Spans;

/// <summary>
/// A span, or the part of one that a single log record tells: fields that the record does not know are zero, and
/// <see cref="Assembly.SpanMerger"/> merges the parts. A record without <see cref="SpanFlags.Started"/> and
/// <see cref="SpanFlags.Ended"/> only carries events; with a zero <see cref="SpanId"/> they are the trace's own.
/// Texts are numbers in the batch's <see cref="StringTable"/>; attributes, events and links are ranges of the batch.
/// </summary>
public struct SpanRecord
{
    /// <summary>The trace.</summary>
    public TraceId TraceId;

    /// <summary>The span; zero for events of the trace itself.</summary>
    public SpanId SpanId;

    /// <summary>The parent; zero for a root or where unknown.</summary>
    public SpanId ParentSpanId;

    /// <summary>The recorded start in ns since 1970 UTC; 0 where no record said it.</summary>
    public long StartUnixNano;

    /// <summary>The recorded end in ns since 1970 UTC; 0 where no record said it.</summary>
    public long EndUnixNano;

    /// <summary>The duration that the ending record reported, in ns, plus one; 0 where it reported none.</summary>
    public long ReportedDurationPlusOne;

    /// <summary>The service's string number.</summary>
    public int Service;

    /// <summary>The name's (the operation's) string number.</summary>
    public int Name;

    /// <summary>The status message's string number.</summary>
    public int StatusMessage;

    /// <summary>The W3C tracestate's string number.</summary>
    public int TraceState;

    /// <summary>Where its own attributes begin.</summary>
    public int AttributeStart;

    /// <summary>How many attributes of its own it has.</summary>
    public int AttributeCount;

    /// <summary>Where the attributes begin that it shares with other spans (resource and instrumentation scope).</summary>
    public int SharedStart;

    /// <summary>How many shared attributes it has.</summary>
    public int SharedCount;

    /// <summary>Where its events begin.</summary>
    public int EventStart;

    /// <summary>How many events it has.</summary>
    public int EventCount;

    /// <summary>Where its links begin.</summary>
    public int LinkStart;

    /// <summary>How many links it has.</summary>
    public int LinkCount;

    /// <summary>Its role in a call.</summary>
    public SpanKind Kind;

    /// <summary>How it ended.</summary>
    public SpanStatus Status;

    /// <summary>What is known of its fields.</summary>
    public SpanFlags Flags;

    /// <summary>The reported duration in ns; null where none was reported.</summary>
    public long? ReportedDurationNano
    {
        readonly get => ReportedDurationPlusOne == 0 ? null : ReportedDurationPlusOne - 1;
        set => ReportedDurationPlusOne = value is { } nano ? Math.Max(0, nano) + 1 : 0;
    }

    /// <summary>Whether this is a span, not only events.</summary>
    public readonly bool IsSpan => (Flags & (SpanFlags.Started | SpanFlags.Ended)) != 0;

    /// <summary>Whether it started and no end is known.</summary>
    public readonly bool IsOpen => (Flags & (SpanFlags.Started | SpanFlags.Ended)) == SpanFlags.Started;

    /// <summary>
    /// The start in ns since 1970 UTC: the recorded one, else the end less the reported duration, else the end; 0 where nothing is known.
    /// </summary>
    public readonly long Start =>
        StartUnixNano != 0 ? StartUnixNano
        : ReportedDurationPlusOne > 1 && EndUnixNano > ReportedDurationPlusOne ? EndUnixNano - (ReportedDurationPlusOne - 1)
        : EndUnixNano;

    /// <summary>The end in ns since 1970 UTC, never before <see cref="Start"/>; the start itself for an open span.</summary>
    public readonly long End => Math.Max(EndUnixNano, Start);

    /// <summary>The duration in ns, never negative; 0 for an open span.</summary>
    public readonly long Duration => End - Start;
}
