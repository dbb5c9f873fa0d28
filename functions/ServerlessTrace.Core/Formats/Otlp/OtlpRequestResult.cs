namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>What was read of a request, as the answer's partial success has to say (OTLP specification, "Partial Success").</summary>
/// <param name="Accepted">Spans or log records that were taken.</param>
/// <param name="Rejected">Spans or log records that were not.</param>
/// <param name="ErrorMessage">What is wrong with the rejected ones and, for the first of them, where; null if none was.</param>
public readonly record struct OtlpRequestResult(long Accepted, long Rejected, string? ErrorMessage);
