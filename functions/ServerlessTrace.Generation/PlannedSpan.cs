using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>A span before its attributes are made up.</summary>
internal struct PlannedSpan
{
    public Operation Operation;

    /// <summary>Index in the plan; -1 for the root.</summary>
    public int Parent;

    public SpanId SpanId;

    /// <summary>In µs since 1970 UTC.</summary>
    public long Start;

    /// <summary>In µs since 1970 UTC.</summary>
    public long End;

    /// <summary>Why it failed; null where it did not.</summary>
    public Failure? Failure;

    /// <summary>How many attempts came before it.</summary>
    public int Retry;

    /// <summary>When it missed its cache, in µs since 1970 UTC; 0 for never.</summary>
    public long MissedCacheAt;
}
