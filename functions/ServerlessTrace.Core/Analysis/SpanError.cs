namespace ServerlessTrace.Core.Analysis;

/// <summary>A span that failed.</summary>
/// <param name="Span">Its index in the trace.</param>
/// <param name="Code">What kind of failure, such as <c>PAYMENT_GATEWAY_TIMEOUT</c> or an exception's type; null where no record says.</param>
/// <param name="Message">What went wrong, in words; null where no record says.</param>
/// <param name="StackTrace">Null where no record has one.</param>
/// <param name="IsRootCause">Whether it failed by itself, and made the spans above it fail: the deepest first failure on a failing path.</param>
/// <param name="IsRecovered">Whether the same operation was called again by the same parent and succeeded.</param>
/// <param name="CausedBy">The index of the root cause that made it fail; its own for a root cause; -1 where it lies beside the failing path.</param>
public sealed record SpanError(int Span, string? Code, string? Message, string? StackTrace, bool IsRootCause, bool IsRecovered, int CausedBy);
