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

    /// <summary>Zipkin's JSON, version 1 or 2.</summary>
    Zipkin = 4,

    /// <summary>Jaeger's JSON, as its page and query API give it, or as it stores spans in Elasticsearch.</summary>
    Jaeger = 5,

    /// <summary>Application Insights' tables as Azure Monitor exports them, its SDKs' telemetry, and its continuous export.</summary>
    AzureMonitor = 6,

    /// <summary>Lines that carry JSON behind a prefix or in a wrapper: container runtimes, syslog.</summary>
    LogLines = 7,

    /// <summary>Spans as JSON that OpenTelemetry's Python and Go SDKs print on the console.</summary>
    SdkConsole = 8,

    /// <summary>Spans as OpenTelemetry's JavaScript SDK prints them on the console.</summary>
    JavaScriptConsole = 9,

    /// <summary>Spans as OpenTelemetry's .NET SDK prints them on the console.</summary>
    DotNetConsole = 10,

    /// <summary>AWS X-Ray's segment documents.</summary>
    XRay = 11,

    /// <summary>What Elastic APM's agents send.</summary>
    ElasticApm = 12,

    /// <summary>What Datadog's tracers send, as JSON.</summary>
    Datadog = 13,
}
