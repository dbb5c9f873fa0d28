namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>Which telling fields an object has.</summary>
[Flags]
internal enum ObjectFields : long
{
    None = 0,

    /// <summary>A field, or a value, that no Zipkin span has.</summary>
    NotZipkin = 1,
    ZipkinTraceId = 1 << 1,
    ZipkinId = 1 << 2,
    JaegerTraceId = 1 << 3,
    JaegerSpanId = 1 << 4,

    /// <summary>A field of Jaeger's spans that no log line has.</summary>
    JaegerSpan = 1 << 5,

    /// <summary>A list of spans.</summary>
    JaegerSpans = 1 << 6,
    JaegerProcesses = 1 << 7,
    AzureTable = 1 << 8,
    AzureContext = 1 << 9,
    DockerLog = 1 << 10,
    DockerStream = 1 << 11,
    Otlp = 1 << 12,

    /// <summary>A field of log lines and span logs that no other format's records have.</summary>
    LogLine = 1 << 13,

    /// <summary>Telemetry of Application Insights' SDKs.</summary>
    AzureEnvelope = 1 << 14,

    /// <summary>A list of items of Application Insights' continuous export, and what it says of them.</summary>
    AzureItems = 1 << 15,
    AzureItemContext = 1 << 16,

    /// <summary>The ids of a span as an SDK of OpenTelemetry prints them, in an object.</summary>
    SdkContext = 1 << 17,
    SdkSpan = 1 << 18,
    SdkScope = 1 << 19,
    XRayTraceId = 1 << 20,
    XRayTime = 1 << 21,
    XRayAnswer = 1 << 22,

    /// <summary>The two fields of the line before segment documents.</summary>
    XRayFormat = 1 << 23,
    XRayVersion = 1 << 24,
    ElasticEvent = 1 << 25,
    DatadogTraceId = 1 << 26,
    DatadogStart = 1 << 27,
    DatadogTags = 1 << 28,

    /// <summary>What an answer of Elasticsearch has before its hits.</summary>
    SearchAnswer = 1 << 29,

    /// <summary>The line before the events of Elastic APM, where it names no agent.</summary>
    ElasticMetadata = 1 << 30,

    /// <summary>An endpoint of a Zipkin span: with it and the ids, a span may have fields that Zipkin's have not.</summary>
    ZipkinEndpoint = 1L << 31,
}
