namespace ServerlessTrace.Storage.Packing;

/// <summary>What a record says, part of its <see cref="SpanProfile"/>; the usual ones first, so that they fit one byte.</summary>
[Flags]
internal enum Presence
{
    None = 0,

    /// <summary>Times count in 1, 1,000, 1,000,000 or 1,000,000,000 ns.</summary>
    Scale = 3,

    Start = 1 << 2,
    End = 1 << 3,

    /// <summary>The reported duration is the end less the start.</summary>
    ReportedAsMeasured = 1 << 4,

    /// <summary>The parent is among the ids that were written before.</summary>
    KnownParent = 1 << 5,
    NewParent = 1 << 6,

    /// <summary>The span's id is among those that were written before; neither this nor <see cref="NoSpanId"/>: it is new.</summary>
    KnownSpanId = 1 << 7,
    Reported = 1 << 8,
    NoSpanId = 1 << 9,
    StatusMessage = 1 << 10,
    TraceState = 1 << 11,
    Events = 1 << 12,
    Links = 1 << 13,
    All = (1 << 14) - 1,
}
