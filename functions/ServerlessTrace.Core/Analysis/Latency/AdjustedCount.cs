using System.Globalization;

namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>
/// How many traces, spans or calls there were, of which sampling may have kept only some: one that was kept with a probability of 1 in 20 counts 20.
/// A fixed-point number, so that sums are exact in any order and a contribution can be taken back. May be negative: a difference.
/// </summary>
/// <param name="Units">The count in 1/1024.</param>
public readonly record struct AdjustedCount(long Units) : IComparable<AdjustedCount>
{
    /// <summary>The units of one.</summary>
    public const int UnitsPerOne = 1024;

    /// <summary>One that stands for itself alone.</summary>
    public static AdjustedCount One => new(UnitsPerOne);

    /// <summary>None.</summary>
    public static AdjustedCount Zero => default;

    /// <summary>The count as a number.</summary>
    public double Value => (double)Units / UnitsPerOne;

    /// <summary>The nearest count.</summary>
    public static AdjustedCount Of(double count) => new((long)Math.Round(count * UnitsPerOne));

    /// <summary>Both together.</summary>
    public static AdjustedCount operator +(AdjustedCount left, AdjustedCount right) => new(left.Units + right.Units);

    /// <summary>The difference.</summary>
    public static AdjustedCount operator -(AdjustedCount left, AdjustedCount right) => new(left.Units - right.Units);

    /// <summary>The count taken back.</summary>
    public static AdjustedCount operator -(AdjustedCount count) => new(-count.Units);

    /// <summary>Whether there are fewer.</summary>
    public static bool operator <(AdjustedCount left, AdjustedCount right) => left.Units < right.Units;

    /// <summary>Whether there are more.</summary>
    public static bool operator >(AdjustedCount left, AdjustedCount right) => left.Units > right.Units;

    /// <summary>Whether there are fewer or as many.</summary>
    public static bool operator <=(AdjustedCount left, AdjustedCount right) => left.Units <= right.Units;

    /// <summary>Whether there are more or as many.</summary>
    public static bool operator >=(AdjustedCount left, AdjustedCount right) => left.Units >= right.Units;

    /// <inheritdoc/>
    public int CompareTo(AdjustedCount other) => Units.CompareTo(other.Units);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("0.###", CultureInfo.InvariantCulture);
}
