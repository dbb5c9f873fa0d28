namespace ServerlessTrace.Core.Analysis;

/// <summary>The stable names of insights.</summary>
public static class InsightKind
{
    /// <summary>What failed first.</summary>
    public const string Error = "error";

    /// <summary>A call that failed by running out of time.</summary>
    public const string Timeout = "timeout";

    /// <summary>The same operation called again after a failure.</summary>
    public const string Retry = "retry";

    /// <summary>The operation with the greatest share of the critical path.</summary>
    public const string Bottleneck = "bottleneck";

    /// <summary>The service with the greatest share of the critical path.</summary>
    public const string SlowestService = "slowest-service";

    /// <summary>Many calls of the same operation, one after another.</summary>
    public const string RepeatedCalls = "n-plus-one";

    /// <summary>Calls of different operations, one after another, that could run at the same time.</summary>
    public const string SerialCalls = "serial-calls";

    /// <summary>A message that waited for its consumer.</summary>
    public const string QueueWait = "queue-wait";

    /// <summary>Time on the critical path that a span with children spent outside of them.</summary>
    public const string Gap = "gap";

    /// <summary>A service, database, queue or host that one service calls very often.</summary>
    public const string ChattyDependency = "chatty-dependency";

    /// <summary>A service, database, queue or host that answers slowly.</summary>
    public const string SlowDependency = "slow-dependency";

    /// <summary>A function that had to be started before it could answer.</summary>
    public const string ColdStart = "cold-start";
}
