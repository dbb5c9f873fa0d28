using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>A range of time that statistics are asked for.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
internal readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public TimeSpan Length => To - From;

    /// <summary>The range of the same length right before.</summary>
    public TimeRange Before => new(From - Length, From);

    /// <summary>
    /// Reads a range from two parameters. Without its end it ends now, or at its beginning plus the usual length if that is earlier; without its beginning
    /// it has the usual length.
    /// </summary>
    public static TimeRange? TryRead(IQueryCollection query, string from, string to, DateTimeOffset now, TimeSpan usual, out string error)
    {
        error = string.Empty;
        (bool hasFrom, bool hasTo) = (query[from].ToString().Length > 0, query[to].ToString().Length > 0);
        if (!TryTime(query, from, out DateTimeOffset begin) || !TryTime(query, to, out DateTimeOffset end))
        {
            error = $"'{from}' and '{to}' must be times such as 2026-02-26T18:00:00Z, or seconds or milliseconds since 1970.";
            return null;
        }

        end = hasTo ? end : hasFrom && begin + usual < now ? begin + usual : now;
        begin = hasFrom ? begin : end - usual;
        if (begin >= end || end - begin > Longest)
        {
            error = $"'{from}' must be before '{to}', by {Longest.TotalDays:0} days at most.";
            return null;
        }

        return new TimeRange(begin, end);
    }

    private static bool TryTime(IQueryCollection query, string name, out DateTimeOffset time)
    {
        time = DateTimeOffset.UnixEpoch;
        if (query[name].ToString() is not { Length: > 0 } text)
        {
            return true;
        }

        bool parsed = TimeText.TryParse(text, out long nanos);
        time = parsed ? time.AddTicks(nanos / 100) : time;
        return parsed;
    }
}
