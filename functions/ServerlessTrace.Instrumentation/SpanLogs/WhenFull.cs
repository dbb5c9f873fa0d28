namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>What becomes of records while the sink is slower than the spans.</summary>
public enum WhenFull
{
    /// <summary>They are dropped and counted: the application never waits for its logs.</summary>
    Drop,

    /// <summary>The application waits for room (<see cref="SpanLogPipelineOptions.MaxWait"/> at most, then they are dropped): for audits and batch jobs.</summary>
    Wait,
}
