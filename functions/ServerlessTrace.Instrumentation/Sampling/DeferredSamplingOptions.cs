using System.Diagnostics;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>Which undecided traces are kept, and how many are held.</summary>
public sealed record DeferredSamplingOptions
{
    /// <summary>Keep traces in which a span of this process failed. Default true.</summary>
    public bool KeepErrors { get; init; } = true;

    /// <summary>Keep traces whose part in this process took so long. Default 2 s.</summary>
    public TimeSpan KeepSlowerThan { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Keep traces with a span like this; none where null.</summary>
    public Predicate<Activity>? Keep { get; init; }

    /// <summary>Traces held undecided at most; beyond it new ones are let go, and counted. Default 1,000.</summary>
    public int MaxTraces { get; init; } = 1_000;

    /// <summary>Spans of a trace that are held; of those beyond it only failures still count. Default 500.</summary>
    public int MaxSpansPerTrace { get; init; } = 500;
}
