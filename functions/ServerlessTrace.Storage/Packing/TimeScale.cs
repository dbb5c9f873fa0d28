using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Clocks and loggers tick in s, ms or µs more often than in ns: times are written in the coarsest unit that loses nothing,
/// as differences to a time before. Differences wrap around, so that any 64-bit time can be written.
/// </summary>
internal static class TimeScale
{
    /// <summary>0 to 3: all of the times are multiples of 1, 1,000, 1,000,000 or 1,000,000,000 ns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(long first, long second, long third)
    {
        if (first % 1000 != 0 || second % 1000 != 0 || third % 1000 != 0)
        {
            return 0;
        }

        if (first % 1_000_000 != 0 || second % 1_000_000 != 0 || third % 1_000_000 != 0)
        {
            return 1;
        }

        return first % 1_000_000_000 != 0 || second % 1_000_000_000 != 0 || third % 1_000_000_000 != 0 ? 2 : 3;
    }

    /// <summary>The time in units of the scale, rounded towards zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Down(long nano, int scale) => scale switch
    {
        0 => nano,
        1 => nano / 1000,
        2 => nano / 1_000_000,
        _ => nano / 1_000_000_000,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Up(long units, int scale) => scale switch
    {
        0 => units,
        1 => unchecked(units * 1000),
        2 => unchecked(units * 1_000_000),
        _ => unchecked(units * 1_000_000_000),
    };

    /// <summary>The difference of a time that is a multiple of the scale to an earlier one that need not be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Less(long nano, long before, int scale) => unchecked(Down(nano, scale) - Down(before, scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Plus(long before, long difference, int scale) => Up(unchecked(Down(before, scale) + difference), scale);
}
