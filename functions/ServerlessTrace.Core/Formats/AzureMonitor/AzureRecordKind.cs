namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>What a record of Application Insights tells.</summary>
internal enum AzureRecordKind
{
    /// <summary>It is none.</summary>
    Unknown = 0,

    /// <summary>A request that was handled: a SERVER or CONSUMER span.</summary>
    Request,

    /// <summary>A call that was made: a CLIENT, PRODUCER or INTERNAL span.</summary>
    Dependency,

    /// <summary>An exception in an operation.</summary>
    Exception,

    /// <summary>A log line of an operation.</summary>
    Trace,

    /// <summary>An event of an operation.</summary>
    Event,

    /// <summary>Metrics and what browsers and probes see: nothing of a trace.</summary>
    Untraced,
}
