namespace ServerlessTrace.Functions.Forwarding;

/// <summary>What one go at forwarding did.</summary>
/// <param name="Spans">Spans that the receiver took.</param>
/// <param name="IsRefused">Whether the receiver is down or asks to come again later.</param>
/// <param name="IsMore">Whether batches are left that were not tried.</param>
public sealed record ForwardResult(long Spans, bool IsRefused, bool IsMore);
