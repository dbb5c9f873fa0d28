using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Functions.Api;

/// <summary>Reads a search's parameters that Jaeger's and Zipkin's have in common, and remembers the first that is wrong.</summary>
internal sealed class CompatibleQuery(IQueryCollection values, DateTimeOffset now)
{
    private static readonly TimeSpan LongestRange = TimeSpan.FromDays(31);

    /// <summary>What is wrong; null where nothing is.</summary>
    public string? Error { get; private set; }

    /// <summary>A parameter; null where it is absent, empty, or <c>all</c>, which means any.</summary>
    public string? Text(string name) => values[name].ToString() is { Length: > 0 } text && text != "all" ? text : null;

    /// <summary>A whole number in a unit, in ns.</summary>
    public long? Number(string name, long nanosPerUnit)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue / nanosPerUnit)
        {
            Error ??= $"'{name}' must be a whole number.";
            return null;
        }

        return number * nanosPerUnit;
    }

    /// <summary>A duration such as <c>100us</c> or <c>1.2s</c>, in ns.</summary>
    public long? Duration(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (!DurationText.TryParse(text, out long nanos))
        {
            Error ??= $"'{name}' must be a duration such as 100us, 1.2ms or 3s.";
        }

        return nanos;
    }

    /// <summary>How many traces are asked for.</summary>
    public int Limit(int usual)
    {
        long limit = Number("limit", 1) ?? usual;
        if (limit is < 1 or > WholeTraces.MaxTraces)
        {
            Error ??= $"'limit' must be from 1 to {WholeTraces.MaxTraces}: an answer has all spans of its traces.";
            return usual;
        }

        return (int)limit;
    }

    /// <summary>The range before <c>endTs</c> (ms; now by default) as long as <c>lookback</c> (ms) says, in ns since 1970 UTC.</summary>
    public (long From, long To) Range(TimeSpan usual)
    {
        const long NanosPerMs = 1_000_000;
        long to = Number("endTs", NanosPerMs) ?? UnixNano.Of(now);
        long from = to - (Number("lookback", NanosPerMs) ?? (usual.Ticks * TimeSpan.NanosecondsPerTick));
        return (Math.Max(0, from), to);
    }

    /// <summary>The same for what is summed up from all minutes of the range, which bounds it.</summary>
    public (long From, long To) BoundedRange(TimeSpan usual)
    {
        (long from, long to) = Range(usual);
        if (to - from > LongestRange.Ticks * TimeSpan.NanosecondsPerTick)
        {
            Error ??= $"'lookback' must be {LongestRange.TotalDays:0} days at most, in ms.";
        }

        return (from, to);
    }

    /// <summary>Adds attributes to a query; <c>error</c> asks for failed traces, as both tools mark them so.</summary>
    public TraceQuery WithAttributes(TraceQuery query, IEnumerable<(string Key, string Value)> attributes)
    {
        (string Key, string Value)[] all = [.. attributes];
        if (all.Length > TraceQueryText.MaxAttributes)
        {
            Error ??= $"A search takes {TraceQueryText.MaxAttributes} attributes at most.";
        }

        bool failed = all.Any(static attribute => attribute is ("error", "true" or ""));
        return query with
        {
            Status = failed ? TraceStatus.Error : query.Status,
            Attributes = [.. query.Attributes, .. all.Where(static attribute => attribute is not ("error", "true" or ""))],
        };
    }
}
