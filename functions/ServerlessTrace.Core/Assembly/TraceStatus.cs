namespace ServerlessTrace.Core.Assembly;

/// <summary>How a trace stands.</summary>
public enum TraceStatus : byte
{
    /// <summary>No span failed and none is open.</summary>
    Ok = 0,

    /// <summary>A span is open, or only events are known.</summary>
    Incomplete = 1,

    /// <summary>A span failed.</summary>
    Error = 2,
}
