using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>Finds the slowest traces of a range of time and says what they waited for.</summary>
public sealed class SlowTraces(AggregateStore aggregates, BlockStore blocks, TraceLoader traces)
{
    /// <summary>Traces that are read and analysed for one answer at most.</summary>
    public const int MaxAnalysed = 500;

    private const int Examples = 10;
    private const int ReadsInFlight = 16;

    internal async Task<CriticalPathResponse> ProfileAsync(
        TimeRange range, LatencyFilter filter, double percentile, int limit, CancellationToken cancellationToken)
    {
        double threshold = await ThresholdAsync(range, filter, percentile, cancellationToken).ConfigureAwait(false);
        (int count, List<TraceSummary> slowest) = await FindAsync(range, filter, threshold, limit, cancellationToken).ConfigureAwait(false);
        CriticalPathProfile profile = await AnalyseAsync(slowest, cancellationToken).ConfigureAwait(false);
        return new CriticalPathResponse(
            range.From,
            range.To,
            percentile,
            LatencyNumbers.Milliseconds(threshold),
            count,
            profile.Traces,
            [
                .. profile.Parts.Select(part => new CriticalPathPart(
                    part.Service,
                    part.Operation,
                    LatencyNumbers.Milliseconds((double)part.Nano / profile.Traces),
                    Math.Round((double)part.Nano / profile.TotalNano, 6),
                    part.Traces)),
            ],
            [.. slowest.Take(Examples).Select(trace => new SlowTrace(trace.TraceId.ToString(), LatencyNumbers.Milliseconds(trace.DurationNano)))]);
    }

    /// <summary>The duration from which on a trace is slow, in ns: less by the sketch's error, so that none is missed.</summary>
    private async Task<double> ThresholdAsync(TimeRange range, LatencyFilter filter, double percentile, CancellationToken cancellationToken)
    {
        TraceAggregates totals = await aggregates.ReadTotalsAsync(range.From, range.To, cancellationToken).ConfigureAwait(false);
        var durations = new LatencySketch();
        foreach ((LatencySeries series, _, LatencyMeasures measures) in totals.Latency.All)
        {
            if (series.Step == LatencyStep.Trace && filter.Has(series with { Step = filter.Step ?? series.Step }))
            {
                durations.Merge(measures.Durations);
            }
        }

        return durations.Quantile(percentile / 100) * (1 - LatencySketch.RelativeError);
    }

    private async Task<(int Count, List<TraceSummary> Slowest)> FindAsync(
        TimeRange range, LatencyFilter filter, double threshold, int limit, CancellationToken cancellationToken)
    {
        (long from, long to) = (UnixNano.Of(range.From), UnixNano.Of(range.To));
        var slowest = new PriorityQueue<TraceSummary, (long Duration, TraceId Trace)>();
        var seen = new HashSet<TraceId>();
        await foreach ((_, IReadOnlyList<TraceSummary> hour) in blocks.ReadHoursAsync(
            BlockKey.HourOf(from) - 1, BlockKey.HourOf(to) + 1, cancellationToken).ConfigureAwait(false))
        {
            foreach (TraceSummary trace in hour)
            {
                if (trace.StartUnixNano >= from && trace.StartUnixNano < to && trace.DurationNano >= threshold && IsAskedFor(trace, filter) && seen.Add(trace.TraceId))
                {
                    slowest.Enqueue(trace, (trace.DurationNano, trace.TraceId));
                    if (slowest.Count > limit)
                    {
                        slowest.Dequeue();
                    }
                }
            }
        }

        return (seen.Count, [.. slowest.UnorderedItems.Select(item => item.Element).OrderByDescending(trace => trace.DurationNano).ThenBy(trace => trace.TraceId)]);
    }

    private async Task<CriticalPathProfile> AnalyseAsync(List<TraceSummary> slowest, CancellationToken cancellationToken)
    {
        var profile = new CriticalPathProfile();
        await Parallel.ForEachAsync(
            slowest,
            new ParallelOptions { MaxDegreeOfParallelism = ReadsInFlight, CancellationToken = cancellationToken },
            async (trace, token) =>
            {
                if (await traces.FindAsync(trace.TraceId, token).ConfigureAwait(false) is { } loaded)
                {
                    lock (profile)
                    {
                        profile.Add(loaded.Trace);
                    }
                }
            }).ConfigureAwait(false);
        return profile;
    }

    private static bool IsAskedFor(TraceSummary trace, LatencyFilter filter) =>
        filter.Has(new LatencySeries(trace.RootService, OperationTemplate.Of(trace.RootOperation), trace.Environment, filter.Step ?? LatencyStep.Trace));
}
