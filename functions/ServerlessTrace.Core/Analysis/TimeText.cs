using System.Globalization;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Reads times as people write them.</summary>
public static class TimeText
{
    /// <summary>A time as RFC 3339, or in seconds or ms since 1970 UTC; in ns since then, the earliest or latest that ns can tell for what lies beyond.</summary>
    public static bool TryParse(string text, out long unixNano)
    {
        const long MsFrom = 100_000_000_000;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            unixNano = Nanos(number, number >= MsFrom ? 1_000_000 : 1_000_000_000);
            return true;
        }

        bool parsed = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time);
        unixNano = parsed ? Nanos((time - DateTimeOffset.UnixEpoch).Ticks, TimeSpan.NanosecondsPerTick) : 0;
        return parsed;
    }

    private static long Nanos(long number, long nanosPerUnit) =>
        number > long.MaxValue / nanosPerUnit ? long.MaxValue : number < long.MinValue / nanosPerUnit ? long.MinValue : number * nanosPerUnit;
}
