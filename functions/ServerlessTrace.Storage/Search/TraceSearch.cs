using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Search;

/// <summary>Searches sealed traces through their summaries, the newest first.</summary>
public sealed class TraceSearch(BlockStore blocks, TraceLoader traces, AnalysisOptions analysis)
{
    /// <summary>Traces that one page reads to look for attributes that summaries do not tell; the next page goes on from there.</summary>
    private const int TracesPerPage = 500;

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
        BusinessMark[] marks = Marks(query);
        int seen = 0;
        int looked = 0;
        await foreach ((int hour, IReadOnlyList<TraceSummary> summaries) in blocks.ReadHoursAsync(oldest, newest, cancellationToken).ConfigureAwait(false))
        {
            seen += summaries.Count;
            List<TraceSummary> matches = Matches(query, marks, hour, summaries);
            foreach (TraceSummary match in matches)
            {
                if (query.Attributes.Count == 0 || await HasAttributesAsync(match.TraceId, query, cancellationToken).ConfigureAwait(false))
                {
                    found.Add(match);
                }

                looked += query.Attributes.Count == 0 ? 0 : 1;
                if (found.Count == query.Limit || looked == TracesPerPage)
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

    /// <summary>The marks that the summary of every trace with the asked attributes has: those of business values, unless they are measured.</summary>
    private BusinessMark[] Marks(TraceQuery query) =>
        [.. query.Attributes.Where(attribute => BusinessMark.IsLookedFor(attribute.Key, attribute.Value, analysis.BusinessKeys)).Select(attribute => BusinessMark.Of(attribute.Key, attribute.Value))];

    private async Task<bool> HasAttributesAsync(TraceId id, TraceQuery query, CancellationToken cancellationToken) =>
        await traces.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } loaded
        && query.Attributes.All(attribute => TraceAttributes.Has(loaded.Trace, attribute.Key, attribute.Value));

    private static List<TraceSummary> Matches(TraceQuery query, BusinessMark[] marks, int hour, IReadOnlyList<TraceSummary> summaries)
    {
        // A trace is in one block; it is in two only while a block is being rewritten.
        var matches = new Dictionary<TraceId, TraceSummary>();
        foreach (TraceSummary trace in summaries)
        {
            if (IsMatch(query, trace)
                && Array.TrueForAll(marks, trace.Business.Contains)
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
        && trace.LongestSpanNano >= query.MinSpanDurationNano
        && (query.Status is null || query.Status == trace.Status)
        && (query.Environment is null || string.Equals(query.Environment, trace.Environment, StringComparison.Ordinal))
        && (query.Service is null || trace.Services.Contains(query.Service, StringComparer.Ordinal))
        && (query.Operation is null || trace.Operations.Any(operation => OperationTemplate.IsMatch(query.Operation, operation)));
}
