using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>What a trace rule found in a trace, kept after the trace's memory is reused.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Trace">The trace.</param>
/// <param name="StartUnixNano">The trace's start, in ns since 1970 UTC.</param>
/// <param name="DurationNano">The trace's duration in ns.</param>
/// <param name="Group">The service and operation of the span it is about, and the trace's environment.</param>
/// <param name="Finding">What was found.</param>
internal sealed record TraceMatch(TraceRule Rule, TraceId Trace, long StartUnixNano, long DurationNano, GroupKey Group, TraceFinding Finding);
