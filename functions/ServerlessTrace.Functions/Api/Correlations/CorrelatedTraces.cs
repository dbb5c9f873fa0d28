using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Api.Statistics;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Api.Correlations;

/// <summary>Reads the traces of a business value, sealed or open, hour by hour, the earliest first.</summary>
public sealed class CorrelatedTraces(BusinessIndex index, OpenValues open, TraceLoader traces, AnalysisOptions analysis)
{
    private const int ReadsInFlight = 16;

    /// <summary>Traces that a page reads at most; the next one goes on from there. Somebody may have chosen a value that has the same mark as the one asked for.</summary>
    private const int TracesPerPage = 2_000;

    /// <summary>A page of the story of a value, and where the next one begins; null where there is none.</summary>
    internal async Task<(BusinessStory Story, TraceCursor? Next)> ReadAsync(
        string key, string value, TimeRange range, TraceCursor? cursor, int limit, CancellationToken cancellationToken)
    {
        (long from, long to) = (UnixNano.Of(range.From), UnixNano.Of(range.To));
        int firstHour = Math.Max(0, cursor?.Hour ?? (BlockKey.HourOf(from) - 1));
        int lastHour = BlockKey.HourOf(to) + 1;

        // What is open first: a trace that is sealed meanwhile is in the index by then.
        (Dictionary<TraceId, IndexedTrace> unsealed, bool cut) = await open.FindAsync(key, value, cancellationToken).ConfigureAwait(false);
        Dictionary<TraceId, IndexedTrace> found = await index.FindAsync(BusinessMark.Of(key, value), firstHour, lastHour, cancellationToken).ConfigureAwait(false);
        foreach ((TraceId id, IndexedTrace trace) in unsealed.Where(item => item.Value.Hour >= firstHour && item.Value.Hour <= lastHour))
        {
            found.TryAdd(id, trace);
        }

        var page = new List<StoryTrace>();
        int looked = 0;
        foreach (IGrouping<int, KeyValuePair<TraceId, IndexedTrace>> hour in found.GroupBy(item => item.Value.Hour).OrderBy(hour => hour.Key))
        {
            IEnumerable<Candidate> wanted = (await CandidatesAsync(hour, key, value, cancellationToken).ConfigureAwait(false))
                .Where(candidate => candidate.Start >= from && candidate.Start < to && (cursor is null || hour.Key > cursor.Hour || candidate.IsAfter(cursor)))
                .OrderBy(candidate => candidate.Start).ThenBy(candidate => candidate.Id);
            foreach (Candidate[] some in wanted.Chunk(ReadsInFlight))
            {
                foreach (Candidate candidate in await Task.WhenAll(some.Select(one => ReadAsync(one, key, value, cancellationToken))).ConfigureAwait(false))
                {
                    if (candidate.Story is { } story)
                    {
                        page.Add(story);
                    }

                    if (page.Count == limit || ++looked == TracesPerPage)
                    {
                        return (new BusinessStory(key, value, page, cut), new TraceCursor(hour.Key, candidate.Start, candidate.Id));
                    }
                }
            }
        }

        return (new BusinessStory(key, value, page, cut), null);
    }

    /// <summary>The traces of an hour with their starts. Few have to be read for that: where there are many, the index knows.</summary>
    private async Task<List<Candidate>> CandidatesAsync(
        IEnumerable<KeyValuePair<TraceId, IndexedTrace>> hour, string key, string value, CancellationToken cancellationToken)
    {
        var candidates = new List<Candidate>();
        var unknown = new List<TraceId>();
        foreach ((TraceId id, IndexedTrace trace) in hour)
        {
            if (trace.StartUnixNano is { } start)
            {
                candidates.Add(new Candidate(id, start, null));
            }
            else
            {
                unknown.Add(id);
            }
        }

        foreach (TraceId[] some in unknown.Chunk(ReadsInFlight))
        {
            StoryTrace?[] stories = await Task.WhenAll(some.Select(id => ReadAsync(id, key, value, cancellationToken))).ConfigureAwait(false);
            candidates.AddRange(stories.OfType<StoryTrace>().Select(story => new Candidate(story.TraceId, story.UnixNano, story)));
        }

        return candidates;
    }

    private async Task<Candidate> ReadAsync(Candidate candidate, string key, string value, CancellationToken cancellationToken) => candidate.Story is not null
        ? candidate
        : candidate with { Story = await ReadAsync(candidate.Id, key, value, cancellationToken).ConfigureAwait(false) };

    /// <summary>A trace's story; null where it is gone, or has another value with the same mark.</summary>
    private async Task<StoryTrace?> ReadAsync(TraceId id, string key, string value, CancellationToken cancellationToken) =>
        await traces.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } loaded && TraceAttributes.Has(loaded.Trace, key, value)
            ? StoryTrace.Of(new TraceAnalysis(loaded.Trace, analysis)) with { IsSealed = loaded.IsSealed }
            : null;

    /// <summary>A trace in its place in time; read where that was needed to know the place.</summary>
    private sealed record Candidate(TraceId Id, long Start, StoryTrace? Story)
    {
        public bool IsAfter(TraceCursor cursor) => (Start, Id).CompareTo((cursor.StartUnixNano, cursor.TraceId)) > 0;
    }
}
