using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>The steps in time that statistics are asked for in.</summary>
/// <param name="Minutes">Minutes of a step.</param>
/// <param name="IsWhole">Whether the whole range is one step.</param>
internal readonly record struct Interval(int Minutes, bool IsWhole)
{
    private const int MaxPoints = 1_500;
    private const long NanosPerMinute = 60_000_000_000;

    public static Interval? TryRead(IQueryCollection query, TimeRange range, out string error)
    {
        error = string.Empty;
        if (query["interval"].ToString() is not { Length: > 0 } text)
        {
            return new Interval(int.MaxValue, IsWhole: true);
        }

        if (!DurationText.TryParse(text, out long nanos) || nanos < NanosPerMinute || nanos % NanosPerMinute != 0
            || range.Length.TotalMinutes > nanos / NanosPerMinute * (double)MaxPoints)
        {
            error = $"'interval' must be whole minutes, such as 5m or 1h, of which the range has {MaxPoints} at most.";
            return null;
        }

        return new Interval((int)(nanos / NanosPerMinute), IsWhole: false);
    }

    /// <summary>How long the step is that begins at a minute since 1970; the last one ends with the range.</summary>
    public TimeSpan LengthAt(int minute, TimeRange range)
    {
        DateTimeOffset begin = TimeAt(minute) > range.From ? TimeAt(minute) : range.From;
        DateTimeOffset end = IsWhole || TimeAt(minute).AddMinutes(Minutes) > range.To ? range.To : TimeAt(minute).AddMinutes(Minutes);
        return end - begin;
    }

    public static DateTimeOffset TimeAt(int minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60L);
}
