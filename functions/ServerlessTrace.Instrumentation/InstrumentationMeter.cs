using System.Diagnostics.Metrics;

namespace ServerlessTrace.Instrumentation;

/// <summary>What the library counts about itself, in the meter <c>ServerlessTrace.Instrumentation</c>.</summary>
internal static class InstrumentationMeter
{
    private static readonly Meter Meter = new(WorkSource.Name);

    /// <summary>Business ids that a scope left out.</summary>
    public static readonly Counter<long> RefusedIds = Meter.CreateCounter<long>("serverlesstrace.correlation.refused", "{id}");

    /// <summary>Span log records handed to a sink.</summary>
    public static readonly Counter<long> WrittenRecords = Meter.CreateCounter<long>("serverlesstrace.span_logs.written", "{record}");

    /// <summary>Span log records lost: the buffer was full, or the sink failed to the last try.</summary>
    public static readonly Counter<long> DroppedRecords = Meter.CreateCounter<long>("serverlesstrace.span_logs.dropped", "{record}");

    /// <summary>Traces given up undecided, because too many were under way.</summary>
    public static readonly Counter<long> UndecidedTraces = Meter.CreateCounter<long>("serverlesstrace.sampling.undecided", "{trace}");
}
