using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>One thing that a trace was about, such as its order.</summary>
/// <param name="Key">The configured key.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Kind">The type it was logged with.</param>
/// <param name="OtherValues">How many other values the trace has for the key.</param>
public sealed record BusinessFact(string Key, string Value, AttributeKind Kind, int OtherValues)
{
    /// <summary>Those of the other values that were kept, in no order; read from the trace's batch when they are asked for.</summary>
    internal IEnumerable<string> Others { get; init; } = [];

    /// <summary>The value as a number, for keys that are measured; null for identifiers, whose key ends in <c>id</c>, and for what is no number.</summary>
    internal double? Number =>
        !IsIdentifier && double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private bool IsIdentifier => AttributeName.Plain(Key).EndsWith("id", StringComparison.Ordinal);
}
