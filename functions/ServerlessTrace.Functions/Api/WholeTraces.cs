using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Api;

/// <summary>Searches as other tracing tools do, which answer with all spans of what they find.</summary>
public sealed class WholeTraces(TraceSearch search, TraceLoader loader)
{
    /// <summary>Traces an answer has at most.</summary>
    public const int MaxTraces = 200;

    /// <summary>Spans after which an answer takes no further trace, so that it stays bounded; the first trace is in it whole, whatever its size.</summary>
    private const int SpansPerAnswer = 50_000;

    private const int ReadsAtOnce = 16;

    /// <summary>
    /// Pages that one search looks at: these tools know no cursor to go on with, so that a filter that fits nothing would have everything read. A page
    /// reads up to 500 traces for their attributes, and up to 500,000 summaries.
    /// </summary>
    private const int Pages = 10;
    private const int PagesOfAttributes = 4;

    /// <summary>The traces that a query finds, newest first.</summary>
    public async Task<IReadOnlyList<Trace>> FindAsync(TraceQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var found = new List<TraceId>();
        TraceCursor? next = null;
        int pages = query.Attributes.Count > 0 ? PagesOfAttributes : Pages;
        do
        {
            // A page may be short because it looked at much; the next one goes on.
            TracePage page = await search.FindAsync(query with { Limit = query.Limit - found.Count, Cursor = next }, cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Traces.Select(static trace => trace.TraceId));
            next = page.Next;
        }
        while (next is not null && found.Count < query.Limit && --pages > 0);

        return await ReadAsync(found, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Traces by their ids, without those that nothing is known of, in the order of the ids.</summary>
    public async Task<IReadOnlyList<Trace>> ReadAsync(IReadOnlyList<TraceId> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var traces = new List<Trace>();
        int spans = 0;
        foreach (TraceId[] some in ids.Take(MaxTraces).Chunk(ReadsAtOnce))
        {
            LoadedTrace?[] loaded = await Task.WhenAll(some.Select(id => loader.FindAsync(id, cancellationToken))).ConfigureAwait(false);
            foreach (LoadedTrace trace in loaded.OfType<LoadedTrace>())
            {
                if (traces.Count > 0 && spans + trace.Trace.SpanCount > SpansPerAnswer)
                {
                    return traces;
                }

                traces.Add(trace.Trace);
                spans += trace.Trace.SpanCount;
            }
        }

        return traces;
    }
}
