using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Storage.Search;

/// <summary>Reads a search as people write it: into a URL, or on a command line.</summary>
public static class TraceQueryText
{
    /// <summary>Attributes a search asks for at most.</summary>
    public const int MaxAttributes = 5;

    private const int MaxLimit = 500;
    private const int LongestAttribute = 500;

    /// <summary>
    /// The search, or what is wrong with it. Its parts are <c>service, operation, status, environment, minDuration, maxDuration, minSpanDuration,
    /// attr</c> (<c>key:value</c>, several times), <c>from, to, limit</c> and <c>cursor</c>.
    /// </summary>
    /// <param name="valuesOf">The values of a part; none where it was left out.</param>
    public static (TraceQuery? Query, string? Error) Read(Func<string, IEnumerable<string?>> valuesOf)
    {
        ArgumentNullException.ThrowIfNull(valuesOf);
        string? One(string name) => valuesOf(name).FirstOrDefault(static value => !string.IsNullOrEmpty(value));
        var query = new TraceQuery { Service = One("service"), Operation = One("operation"), Environment = One("environment") };
        if (One("status") is { } status)
        {
            if (!Enum.TryParse(status, ignoreCase: true, out TraceStatus parsed) || !Enum.IsDefined(parsed) || char.IsAsciiDigit(status[0]))
            {
                return (null, "'status' must be OK, ERROR or INCOMPLETE.");
            }

            query = query with { Status = parsed };
        }

        foreach (string name in new[] { "minDuration", "maxDuration", "minSpanDuration" })
        {
            if (One(name) is { } text)
            {
                if (!DurationText.TryParse(text, out long nanos))
                {
                    return (null, $"'{name}' must be a duration such as 250ms, 1.5s or 2m.");
                }

                query = name switch
                {
                    "minDuration" => query with { MinDurationNano = nanos },
                    "maxDuration" => query with { MaxDurationNano = nanos },
                    _ => query with { MinSpanDurationNano = nanos },
                };
            }
        }

        foreach ((string name, bool isFrom) in new[] { ("from", true), ("to", false) })
        {
            if (One(name) is { } text)
            {
                if (!TimeText.TryParse(text, out long time))
                {
                    return (null, $"'{name}' must be a time such as 2026-02-26T18:00:00Z, or seconds or milliseconds since 1970.");
                }

                query = isFrom ? query with { FromUnixNano = time } : query with { ToUnixNano = time };
            }
        }

        return ReadAttributes(valuesOf("attr"), query) is { } attributes
            ? ReadPage(One("limit"), One("cursor"), attributes)
            : (null, $"'attr' must be key:value, of {LongestAttribute} characters, {MaxAttributes} times at most.");
    }

    private static TraceQuery? ReadAttributes(IEnumerable<string?> values, TraceQuery query)
    {
        var attributes = new List<(string Key, string Value)>();
        foreach (string? attribute in values)
        {
            int colon = attribute?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon < 1 || attribute!.Length > LongestAttribute || attributes.Count == MaxAttributes)
            {
                return null;
            }

            attributes.Add((attribute[..colon], attribute[(colon + 1)..]));
        }

        return query with { Attributes = attributes };
    }

    private static (TraceQuery? Query, string? Error) ReadPage(string? limitText, string? cursorText, TraceQuery query)
    {
        if (limitText is not null)
        {
            if (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit is < 1 or > MaxLimit)
            {
                return (null, $"'limit' must be a number from 1 to {MaxLimit}.");
            }

            query = query with { Limit = limit };
        }

        if (cursorText is not null)
        {
            if (TraceCursor.TryParse(cursorText) is not { } cursor)
            {
                return (null, "'cursor' must be the 'nextCursor' of an earlier answer.");
            }

            query = query with { Cursor = cursor };
        }

        return (query, null);
    }
}
