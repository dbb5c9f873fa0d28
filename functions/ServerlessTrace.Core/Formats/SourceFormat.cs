namespace ServerlessTrace.Core.Formats;

/// <summary>What a source's content turned out to be.</summary>
public enum SourceFormat
{
    /// <summary>Nothing was read yet, or the source is empty.</summary>
    Unknown = 0,

    /// <summary>Span logs: JSON objects, as lines, in arrays, or one after another.</summary>
    SpanLog = 1,

    /// <summary>OpenTelemetry's requests for traces or logs, as JSON documents.</summary>
    OtlpJson = 2,

    /// <summary>OpenTelemetry's requests for traces or logs, as protobuf messages.</summary>
    OtlpProtobuf = 3,

    /// <summary>Zipkin's JSON, version 2.</summary>
    Zipkin = 4,

    /// <summary>Jaeger's JSON, as its page and query API give it.</summary>
    Jaeger = 5,

    /// <summary>Application Insights' tables as Azure Monitor exports them.</summary>
    AzureMonitor = 6,

    /// <summary>Lines that carry JSON behind a prefix or in a wrapper: container runtimes, syslog.</summary>
    LogLines = 7,
}
