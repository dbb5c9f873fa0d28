using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>One thing that a trace was about, such as its order.</summary>
/// <param name="Key">The configured key.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Kind">The type it was logged with.</param>
/// <param name="OtherValues">How many other values the trace has for the key.</param>
public sealed record BusinessFact(string Key, string Value, AttributeKind Kind, int OtherValues);
