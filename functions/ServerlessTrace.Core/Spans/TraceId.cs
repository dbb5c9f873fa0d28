using System.Text;

namespace ServerlessTrace.Core.Spans;

/// <summary>A trace's 128-bit id. Shorter ids are left-padded with zeros; all zeros means none (W3C Trace Context, 3.2.2.3).</summary>
/// <param name="High">The first 16 hex digits.</param>
/// <param name="Low">The last 16 hex digits.</param>
public readonly record struct TraceId(ulong High, ulong Low) : IComparable<TraceId>
{
    /// <summary>Digits of the canonical form.</summary>
    public const int HexLength = 32;

    /// <summary>Whether this is no id at all.</summary>
    public bool IsZero => (High | Low) == 0;

    /// <summary>Reads 1 to 32 hex digits of either case; false for anything else and for all zeros.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out TraceId id)
    {
        id = default;
        ulong high = 0;
        int split = Math.Max(0, utf8.Length - 16);
        if (split > 16 || (split > 0 && !HexText.TryParse(utf8[..split], out high)) || !HexText.TryParse(utf8[split..], out ulong low))
        {
            return false;
        }

        id = new TraceId(high, low);
        return !id.IsZero;
    }

    /// <summary>Reads 1 to 32 hex digits of either case; false for anything else and for all zeros.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TraceId id)
    {
        Span<byte> utf8 = stackalloc byte[HexLength];
        if (text.Length > HexLength || !Encoding.UTF8.TryGetBytes(text, utf8, out int written))
        {
            id = default;
            return false;
        }

        return TryParse(utf8[..written], out id);
    }

    /// <summary>Writes 32 lower-case digits.</summary>
    public void Format(Span<byte> utf8)
    {
        HexText.Format(High, utf8);
        HexText.Format(Low, utf8[16..]);
    }

    /// <summary>A hash that nobody outside can foresee.</summary>
    public override int GetHashCode() => (int)SeededHash.Of(this);

    /// <inheritdoc/>
    public int CompareTo(TraceId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator <(TraceId left, TraceId right) => left.CompareTo(right) < 0;

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator >(TraceId left, TraceId right) => left.CompareTo(right) > 0;

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator <=(TraceId left, TraceId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by the id's digits.</summary>
    public static bool operator >=(TraceId left, TraceId right) => left.CompareTo(right) >= 0;
}
