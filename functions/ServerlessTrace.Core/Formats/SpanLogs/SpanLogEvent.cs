namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>What a record's <c>event</c> field says.</summary>
internal enum SpanLogEvent : byte
{
    /// <summary>There is none.</summary>
    None,

    /// <summary><c>span_start</c>.</summary>
    SpanStart,

    /// <summary><c>span_end</c>.</summary>
    SpanEnd,

    /// <summary><c>span_event</c>.</summary>
    SpanEvent,

    /// <summary><c>span_error</c>.</summary>
    SpanError,

    /// <summary>Something of the application's own.</summary>
    Other,
}
