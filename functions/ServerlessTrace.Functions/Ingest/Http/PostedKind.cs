namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>What a posted body is, by where it was posted and its content type. Stored: numbers never change.</summary>
public enum PostedKind
{
    /// <summary>Anything a file may be; detected when it is read.</summary>
    SpanLogs = 1,

    /// <summary>An OTLP <c>ExportTraceServiceRequest</c> in protobuf.</summary>
    OtlpProtobuf = 2,

    /// <summary>An OTLP <c>ExportTraceServiceRequest</c> in JSON.</summary>
    OtlpJson = 3,

    /// <summary>A Zipkin v2 list of spans in JSON.</summary>
    Zipkin = 4,
}
