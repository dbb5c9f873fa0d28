using System.Globalization;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Functions.Http;

/// <summary>Reads durations and times as people write them into URLs.</summary>
internal static class QueryText
{
    /// <summary>A duration such as <c>250ms</c>, <c>1.5s</c> or <c>2m</c>; a bare number is ms.</summary>
    public static bool TryDuration(string text, out long nanos) => DurationText.TryParse(text, out nanos);

    /// <summary>A time as RFC 3339, or in seconds or ms since 1970 UTC; the earliest or latest that ns can tell for what lies beyond.</summary>
    public static bool TryTime(string text, out long unixNano)
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
