namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>What a field of an object may be that wraps records.</summary>
internal enum ContainerRole : byte
{
    /// <summary>Nothing that matters here.</summary>
    None,

    /// <summary>The id of the trace: the object is a record.</summary>
    TraceId,

    /// <summary>A log entry's id of the trace: its payload may know better.</summary>
    EntryTraceId,

    /// <summary>A log entry's id of the span.</summary>
    EntrySpanId,

    /// <summary>What was logged, of any form.</summary>
    Payload,

    /// <summary>What was logged: as an object it is part of the record around it, unless it wraps one.</summary>
    Message,

    /// <summary>What was logged, if it is JSON.</summary>
    JsonPayload,

    /// <summary>A message's headers: with a trace in them the object is a record.</summary>
    Headers,

    /// <summary>What the logger knows of the request: the object is a record if that says of which trace.</summary>
    Context,

    /// <summary>An array of records, or an object around one.</summary>
    Records,

    /// <summary>When it was logged.</summary>
    Time,

    /// <summary>Whether the log goes on in the next record: <c>F</c> or <c>P</c>.</summary>
    PartialTag,

    /// <summary>Whether the log goes on in the next record: true or false.</summary>
    PartialMark,

    /// <summary>Which log it is: only its records go on with each other.</summary>
    Origin,

    /// <summary>A table's columns.</summary>
    Columns,

    /// <summary>A table's rows.</summary>
    Rows,

    /// <summary>Pairs of time and line, as Loki has them.</summary>
    Values,
}
