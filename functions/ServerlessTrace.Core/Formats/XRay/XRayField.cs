namespace ServerlessTrace.Core.Formats.XRay;

/// <summary>The fields of X-Ray's segment documents and of what is in them.</summary>
internal enum XRayField : byte
{
    /// <summary>One that is kept as an attribute, or not read.</summary>
    Other = 0,

    TraceId,
    Id,
    ParentId,
    Name,
    StartTime,
    EndTime,
    Namespace,
    Http,
    Request,
    Response,
    Aws,
    Sql,
    Annotations,
    Metadata,
    Error,
    Fault,
    Throttle,
    Cause,
    Exceptions,
    Message,
    Type,
    Stack,
    Path,
    Line,
    Label,
    Service,
    Version,
    Subsegments,
    Origin,
    User,

    /// <summary>Of an answer of <c>BatchGetTraces</c>: a segment's JSON as text.</summary>
    Document,
}
