namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>The fields of Zipkin's spans, their endpoints and annotations.</summary>
internal enum ZipkinField : byte
{
    /// <summary>One that is not Zipkin's.</summary>
    Other = 0,

    TraceId,
    Id,
    ParentId,
    Timestamp,
    Duration,
    Name,
    Kind,
    LocalEndpoint,
    RemoteEndpoint,
    Tags,
    Annotations,
    Shared,
    Debug,
    ServiceName,
    Ipv4,
    Ipv6,
    Port,
    Value,

    /// <summary>Of version 1.</summary>
    BinaryAnnotations,
    Endpoint,
    Key,
    Type,
}
