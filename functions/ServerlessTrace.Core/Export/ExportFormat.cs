namespace ServerlessTrace.Core.Export;

/// <summary>The formats of other tools that a trace can be exported in.</summary>
public enum ExportFormat
{
    /// <summary>OTLP's <c>TracesData</c> as JSON: what <c>POST /v1/traces</c> of any OpenTelemetry backend takes.</summary>
    Otlp,

    /// <summary>The JSON of Jaeger's query API, which its user interface also opens as a file.</summary>
    Jaeger,

    /// <summary>Zipkin's JSON, version 2: what <c>POST /api/v2/spans</c> of a Zipkin server takes.</summary>
    Zipkin,

    /// <summary>Trace events as Chrome writes them, which Perfetto and speedscope open.</summary>
    Chrome,
}
