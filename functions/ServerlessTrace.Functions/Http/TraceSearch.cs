using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Http;

/// <summary>Searches sealed traces through their summaries, the newest first.</summary>
public sealed class TraceSearch(BlockStore blocks)
{
    /// <summary>Summaries that one page looks at, so that a rare filter answers in bounded time; the next page goes on from there.</summary>
    private const int SummariesPerPage = 500_000;

    /// <summary>One page of what a query asks for.</summary>
    public async Task<TracePage> FindAsync(TraceQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);

        // A late root may move a trace's start into the hour before; its summary stays where it was first written.
        int oldest = Math.Max(0, BlockKey.HourOf(query.FromUnixNano) - 1);
        int newest = Math.Min(query.Cursor?.Hour ?? int.MaxValue, BlockKey.HourOf(query.ToUnixNano) + 1);
        var found = new List<TraceSummary>();
        int seen = 0;
        await foreach ((int hour, IReadOnlyList<TraceSummary> summaries) in blocks.ReadHoursAsync(oldest, newest, cancellationToken).ConfigureAwait(false))
        {
            seen += summaries.Count;
            List<TraceSummary> matches = Matches(query, hour, summaries);
            foreach (TraceSummary match in matches)
            {
                found.Add(match);
                if (found.Count == query.Limit)
                {
                    return new TracePage(found, new TraceCursor(hour, match.StartUnixNano, match.TraceId));
                }
            }

            if (seen >= SummariesPerPage && hour > oldest)
            {
                return new TracePage(found, new TraceCursor(hour - 1, long.MaxValue, new TraceId(0, 0)));
            }
        }

        return new TracePage(found, null);
    }

    private static List<TraceSummary> Matches(TraceQuery query, int hour, IReadOnlyList<TraceSummary> summaries)
    {
        // A trace is in one block; it is in two only while a block is being rewritten.
        var matches = new Dictionary<TraceId, TraceSummary>();
        foreach (TraceSummary trace in summaries)
        {
            if (IsMatch(query, trace)
                && query.Cursor?.IsBefore(hour, trace) != false
                && (!matches.TryGetValue(trace.TraceId, out TraceSummary? known) || known.Revision < trace.Revision))
            {
                matches[trace.TraceId] = trace;
            }
        }

        return [.. matches.Values.OrderByDescending(trace => trace.StartUnixNano).ThenBy(trace => trace.TraceId)];
    }

    private static bool IsMatch(TraceQuery query, TraceSummary trace) =>
        trace.StartUnixNano >= query.FromUnixNano
        && trace.StartUnixNano <= query.ToUnixNano
        && trace.DurationNano >= query.MinDurationNano
        && trace.DurationNano <= query.MaxDurationNano
        && (query.Status is null || query.Status == trace.Status)
        && (query.Environment is null || string.Equals(query.Environment, trace.Environment, StringComparison.Ordinal))
        && (query.Service is null || trace.Services.Contains(query.Service, StringComparer.Ordinal))
        && (query.Operation is null || trace.Operations.Contains(query.Operation, StringComparer.Ordinal));
}
