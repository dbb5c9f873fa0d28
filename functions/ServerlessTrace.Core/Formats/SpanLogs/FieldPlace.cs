namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>Where a field stands; the same name means different things in different places.</summary>
internal enum FieldPlace : byte
{
    /// <summary>The record itself.</summary>
    Record,

    /// <summary>The record's <c>attributes</c>.</summary>
    Attributes,

    /// <summary>The record's <c>resource</c>, or its <c>attributes</c>.</summary>
    Resource,

    /// <summary>A <c>service</c> object inside a resource.</summary>
    ResourceService,

    /// <summary>The record's <c>baggage</c>.</summary>
    Baggage,

    /// <summary>An object <c>trace</c> in the record.</summary>
    Trace,

    /// <summary>An object <c>span</c> in the record.</summary>
    Span,

    /// <summary>An object <c>parent</c> in the record.</summary>
    Parent,

    /// <summary>An object <c>transaction</c> in the record.</summary>
    Transaction,

    /// <summary>An object <c>dd</c> in the record.</summary>
    Dd,

    /// <summary>An object <c>service</c> in the record.</summary>
    Service,

    /// <summary>An object <c>error</c> in the record.</summary>
    Error,

    /// <summary>An object <c>status</c> in the record.</summary>
    Status,
}
