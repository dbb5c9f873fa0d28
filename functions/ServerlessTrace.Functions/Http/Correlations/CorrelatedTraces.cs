using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Http.Statistics;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Http.Correlations;

/// <summary>Reads the traces of a business value, hour by hour, the earliest first.</summary>
public sealed class CorrelatedTraces(BusinessIndex index, TraceLoader traces, AnalysisOptions analysis)
{
    /// <summary>Traces of one hour that are read to put them in order; of a value that more have, the hour's later pages leave the rest out.</summary>
    private const int TracesPerHour = 2_000;

    private const int ReadsInFlight = 16;

    /// <summary>A page of the story of a value, and where the next one begins; null where there is none.</summary>
    internal async Task<(BusinessStory Story, TraceCursor? Next)> ReadAsync(
        string key, string value, TimeRange range, TraceCursor? cursor, int limit, CancellationToken cancellationToken)
    {
        (long from, long to) = (UnixNano(range.From), UnixNano(range.To));
        int firstHour = Math.Max(0, cursor?.Hour ?? (BlockKey.HourOf(from) - 1));
        Dictionary<TraceId, int> found = await index.FindAsync(
            BusinessMark.Of(key, value), firstHour, BlockKey.HourOf(to) + 1, cancellationToken).ConfigureAwait(false);
        var page = new List<StoryTrace>();
        foreach (IGrouping<int, TraceId> hour in found.GroupBy(item => item.Value, item => item.Key).OrderBy(hour => hour.Key))
        {
            foreach (StoryTrace trace in await ReadHourAsync(hour, key, value, cancellationToken).ConfigureAwait(false))
            {
                if (trace.UnixNano < from || trace.UnixNano >= to || (cursor is not null && !IsAfter(cursor, hour.Key, trace)))
                {
                    continue;
                }

                page.Add(trace);
                if (page.Count == limit)
                {
                    return (new BusinessStory(key, value, page), new TraceCursor(hour.Key, trace.UnixNano, trace.TraceId));
                }
            }
        }

        return (new BusinessStory(key, value, page), null);
    }

    private async Task<List<StoryTrace>> ReadHourAsync(IEnumerable<TraceId> ids, string key, string value, CancellationToken cancellationToken)
    {
        var read = new List<StoryTrace>();
        await Parallel.ForEachAsync(
            ids.Order().Take(TracesPerHour),
            new ParallelOptions { MaxDegreeOfParallelism = ReadsInFlight, CancellationToken = cancellationToken },
            async (id, token) =>
            {
                // Another value may have the same mark.
                if (await traces.FindAsync(id, token).ConfigureAwait(false) is { } loaded && TraceAttributes.Has(loaded.Trace, key, value))
                {
                    var story = StoryTrace.Of(new TraceAnalysis(loaded.Trace, analysis));
                    lock (read)
                    {
                        read.Add(story);
                    }
                }
            }).ConfigureAwait(false);
        return [.. read.OrderBy(trace => trace.UnixNano).ThenBy(trace => trace.TraceId)];
    }

    private static bool IsAfter(TraceCursor cursor, int hour, StoryTrace trace) =>
        hour > cursor.Hour || (hour == cursor.Hour && (trace.UnixNano, trace.TraceId).CompareTo((cursor.StartUnixNano, cursor.TraceId)) > 0);

    private static long UnixNano(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
