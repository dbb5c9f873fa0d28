namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>What the records of an OTLP message are.</summary>
internal enum OtlpSignal
{
    /// <summary>Spans.</summary>
    Traces,

    /// <summary>Log records.</summary>
    Logs,

    /// <summary>Metrics, which are not read.</summary>
    Metrics,
}
