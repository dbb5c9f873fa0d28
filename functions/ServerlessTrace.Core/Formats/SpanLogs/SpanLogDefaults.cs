using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>What an envelope says of the records in its body, where they do not say it themselves.</summary>
/// <param name="TraceId">The trace; zero outside an envelope.</param>
/// <param name="SpanId">The span.</param>
/// <param name="TraceState">The tracestate.</param>
/// <param name="Service">The service, if the envelope named one.</param>
/// <param name="CorrelationId">The correlation id.</param>
/// <param name="RequestId">The request id.</param>
/// <param name="Baggage">The baggage as a header has it.</param>
internal sealed record SpanLogDefaults(
    TraceId TraceId, SpanId SpanId, byte[] TraceState, byte[] Service, byte[] CorrelationId, byte[] RequestId, byte[] Baggage);
