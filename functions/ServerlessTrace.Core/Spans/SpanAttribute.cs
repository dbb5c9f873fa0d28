using System.Runtime.InteropServices;

namespace ServerlessTrace.Core.Spans;

/// <summary>One attribute of a span, event or link; its texts live in the batch's <see cref="StringTable"/>.</summary>
/// <param name="Key">The key's string number.</param>
/// <param name="Kind">The value's type.</param>
/// <param name="Bits">The value: a number, or a string's number, as <paramref name="Kind"/> says.</param>
/// <param name="Scope">What it describes.</param>
/// <param name="Rank">Which record it came from.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SpanAttribute(
    int Key, AttributeKind Kind, long Bits, AttributeScope Scope = AttributeScope.Span, AttributeRank Rank = AttributeRank.End)
{
    /// <summary>Whether the value is a string's number.</summary>
    public bool IsText => Kind is AttributeKind.String or AttributeKind.Json or AttributeKind.Bytes;

    /// <summary>The value's string number, where <see cref="IsText"/>.</summary>
    public int Text => (int)Bits;

    /// <summary>The value as a double, where it is one.</summary>
    public double Number => BitConverter.Int64BitsToDouble(Bits);
}
