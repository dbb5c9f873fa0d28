namespace ServerlessTrace.Core.Spans;

/// <summary>Times as spans have them: ns since 1970 UTC.</summary>
public static class UnixNano
{
    /// <summary>A time in ns since 1970 UTC; one from 1678 to 2261, as 64 bits tell no other.</summary>
    public static long Of(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The time that ns since 1970 UTC tell, to 100 ns.</summary>
    public static DateTimeOffset ToTime(long unixNano) => DateTimeOffset.UnixEpoch.AddTicks(unixNano / TimeSpan.NanosecondsPerTick);
}
