using System.Globalization;

namespace ServerlessTrace.Core.Reports;

/// <summary>Moments as RFC 3339 in UTC with nanoseconds.</summary>
public static class Rfc3339
{
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>A moment in ns since 1970 UTC, such as <c>2026-02-26T18:00:00.123456789Z</c>.</summary>
    public static string Of(long unixNano)
    {
        (long seconds, long nano) = Split(unixNano);
        return string.Create(CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ss}.{nano:000000000}Z");
    }

    /// <summary>The same without zeros at the end of the fraction.</summary>
    public static string Short(long unixNano)
    {
        string full = Of(unixNano);
        return full[..^1].TrimEnd('0').TrimEnd('.') + "Z";
    }

    private static (long Seconds, long Nano) Split(long unixNano)
    {
        (long seconds, long nano) = Math.DivRem(unixNano, NanosPerSecond);
        return nano < 0 ? (seconds - 1, nano + NanosPerSecond) : (seconds, nano);
    }
}
