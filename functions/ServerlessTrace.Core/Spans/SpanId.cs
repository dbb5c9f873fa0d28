using System.Text;

namespace ServerlessTrace.Core.Spans;

/// <summary>A span's 64-bit id, unique in its trace. Shorter ids are left-padded with zeros; zero means none.</summary>
/// <param name="Value">The 16 hex digits as a number.</param>
public readonly record struct SpanId(ulong Value) : IComparable<SpanId>
{
    /// <summary>Digits of the canonical form.</summary>
    public const int HexLength = 16;

    /// <summary>Whether this is no id at all.</summary>
    public bool IsZero => Value == 0;

    /// <summary>Reads 1 to 16 hex digits of either case; false for anything else and for all zeros.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out SpanId id)
    {
        bool parsed = HexText.TryParse(utf8, out ulong value);
        id = new SpanId(value);
        return parsed && value != 0;
    }

    /// <summary>Reads 1 to 16 hex digits of either case; false for anything else and for all zeros.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SpanId id)
    {
        Span<byte> utf8 = stackalloc byte[HexLength];
        if (text.Length > HexLength || !Encoding.UTF8.TryGetBytes(text, utf8, out int written))
        {
            id = default;
            return false;
        }

        return TryParse(utf8[..written], out id);
    }

    /// <summary>Writes 16 lower-case digits.</summary>
    public void Format(Span<byte> utf8) => HexText.Format(Value, utf8);

    /// <summary>A hash that nobody outside can foresee.</summary>
    public override int GetHashCode() => (int)SeededHash.Of(Value);

    /// <inheritdoc/>
    public int CompareTo(SpanId other) => Value.CompareTo(other.Value);

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => $"{Value:x16}";

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator <(SpanId left, SpanId right) => left.Value < right.Value;

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator >(SpanId left, SpanId right) => left.Value > right.Value;

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator <=(SpanId left, SpanId right) => left.Value <= right.Value;

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator >=(SpanId left, SpanId right) => left.Value >= right.Value;
}
