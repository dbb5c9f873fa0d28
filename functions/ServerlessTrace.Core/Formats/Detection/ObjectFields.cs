namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>Which telling fields an object has.</summary>
[Flags]
internal enum ObjectFields
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
}
