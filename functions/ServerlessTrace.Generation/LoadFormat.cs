namespace ServerlessTrace.Generation;

/// <summary>The format that generated load is written in.</summary>
public enum LoadFormat
{
    /// <summary>Span logs, one JSON object a line.</summary>
    SpanLog = 0,

    /// <summary>OTLP as JSON, one <c>ExportTraceServiceRequest</c> a line, as the Collector's file exporter writes it.</summary>
    OtlpJson = 1,

    /// <summary>OTLP as protobuf, each request behind its length (big-endian, four bytes), as the Collector's file exporter writes it.</summary>
    OtlpProtobuf = 2,
}
