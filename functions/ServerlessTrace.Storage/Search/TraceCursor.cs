using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Search;

/// <summary>A place in the order of search results: newest hour first, in it the newest start first, then by id.</summary>
/// <param name="Hour">Hours since 1970 UTC.</param>
/// <param name="StartUnixNano">The start of the last trace that was returned.</param>
/// <param name="TraceId">That trace.</param>
public sealed record TraceCursor(int Hour, long StartUnixNano, TraceId TraceId)
{
    /// <summary>Whether a trace of an hour comes after this place.</summary>
    public bool IsBefore(int hour, TraceSummary trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (hour != Hour)
        {
            return hour < Hour;
        }

        return trace.StartUnixNano != StartUnixNano ? trace.StartUnixNano < StartUnixNano : trace.TraceId > TraceId;
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static TraceCursor? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > 200 || !Base64Url.IsValid(text))
        {
            return null;
        }

        string[] parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('.');
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int hour)
            && long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long start)
            && Core.Spans.TraceId.TryParse(parts[2], out TraceId trace)
            ? new TraceCursor(hour, start, trace)
            : null;
    }

    /// <summary>The cursor as opaque text for URLs.</summary>
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Hour}.{StartUnixNano}.{TraceId}")));
}
