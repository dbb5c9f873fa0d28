namespace ServerlessTrace.FunctionModel;

/// <summary>Where an instance stands.</summary>
public enum OrchestrationRuntimeStatus
{
    /// <summary>Started, not ended.</summary>
    Running = 0,

    /// <summary>Ended with a result.</summary>
    Completed = 1,

    /// <summary>Ended with an unhandled exception.</summary>
    Failed = 3,

    /// <summary>Ended by a client.</summary>
    Terminated = 5,

    /// <summary>Scheduled, not started.</summary>
    Pending = 6,

    /// <summary>Halted by a client.</summary>
    Suspended = 7,
}
