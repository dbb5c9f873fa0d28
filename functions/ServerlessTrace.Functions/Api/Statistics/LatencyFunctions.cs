using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>How long things take: percentiles, what changed, and where the slow ones spend their time.</summary>
public sealed class LatencyFunctions(AggregateStore aggregates, SlowTraces slowTraces, TimeProvider clock)
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 1_000;
    private static readonly TimeSpan UsualRange = TimeSpan.FromHours(1);

    /// <summary>
    /// Percentiles, rate and errors by service, operation, environment and step (whole traces, or spans): <c>service, operation, environment, step,
    /// from, to, interval, limit</c>. The last hour where no range is given.
    /// </summary>
    [Function("GetLatency")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/latency")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Read(request.Query, out string error) is not var (range, filter) || Interval.TryRead(request.Query, range, out error) is not { } interval
            || !TryLimit(request.Query, out int limit, out error))
        {
            return Problem.BadRequest(error);
        }

        TraceAggregates read = await aggregates.ReadAsync(range.From, range.To, interval.Minutes, cancellationToken).ConfigureAwait(false);
        LatencySeriesResponse[] series =
        [
            .. read.Latency.All.Where(item => filter.Has(item.Series)).GroupBy(item => item.Series)
                .Select(group => Response(group.Key, [.. group.Select(item => (item.Minute, item.Measures)).OrderBy(item => item.Minute)], range, interval))
                .OrderByDescending(item => item.Total.Count)
                .ThenBy(item => item.Service, StringComparer.Ordinal).ThenBy(item => item.Operation, StringComparer.Ordinal).ThenBy(item => item.Step, StringComparer.Ordinal),
        ];
        return Results.Json(
            new LatencyResponse(range.From, range.To, [.. series.Take(limit)], Math.Max(0, series.Length - limit)), StatisticsJson.Default.LatencyResponse);
    }

    /// <summary>
    /// What became slower or faster, or fails more or less, by service and operation: <c>from, to</c> and, for what it is compared with, <c>baselineFrom,
    /// baselineTo</c>; else with the time of the same length before. Filters as for latency.
    /// </summary>
    [Function("CompareLatency")]
    public async Task<IResult> CompareAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/latency/comparison")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Read(request.Query, out string error) is not var (range, filter) || ReadBaseline(request.Query, range, out error) is not { } baseline
            || !TryLimit(request.Query, out int limit, out error))
        {
            return Problem.BadRequest(error);
        }

        TraceAggregates before = await aggregates.ReadTotalsAsync(baseline.From, baseline.To, cancellationToken).ConfigureAwait(false);
        TraceAggregates after = await aggregates.ReadTotalsAsync(range.From, range.To, cancellationToken).ConfigureAwait(false);
        LatencyChangeResponse[] changes =
        [
            .. LatencyComparison.Of(before.Latency, after.Latency).Where(change => filter.Has(change.Series))
                .Select(change => LatencyChangeResponse.Of(change, baseline, range)),
        ];
        return Results.Json(
            new LatencyComparisonResponse(baseline.From, baseline.To, range.From, range.To, [.. changes.Take(limit)], Math.Max(0, changes.Length - limit)),
            StatisticsJson.Default.LatencyComparisonResponse);
    }

    /// <summary>
    /// Where the slow traces spend their time: exclusive time on the critical path by service and operation, of traces from a percentile on:
    /// <c>service, operation, environment</c> of the root, <c>percentile</c> (99), <c>from, to, limit</c> (traces that are analysed: the slowest).
    /// </summary>
    [Function("GetSlowCriticalPaths")]
    public async Task<IResult> CriticalPathAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/latency/critical-path")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Read(request.Query, out string error) is not var (range, filter) || !TryLimit(request.Query, out int limit, out error))
        {
            return Problem.BadRequest(error);
        }

        double percentile = 99;
        if (request.Query["percentile"].ToString() is { Length: > 0 } text
            && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percentile) && percentile is >= 0 and < 100))
        {
            return Problem.BadRequest("'percentile' must be a number from 0 to less than 100.");
        }

        CriticalPathResponse response = await slowTraces.ProfileAsync(range, filter, percentile, Math.Min(limit, SlowTraces.MaxAnalysed), cancellationToken).ConfigureAwait(false);
        return Results.Json(response, StatisticsJson.Default.CriticalPathResponse);
    }

    private (TimeRange Range, LatencyFilter Filter)? Read(IQueryCollection query, out string error) =>
        TimeRange.TryRead(query, "from", "to", clock.GetUtcNow(), UsualRange, out error) is { } range && LatencyFilter.TryRead(query, out error) is { } filter
            ? (range, filter)
            : null;

    private TimeRange? ReadBaseline(IQueryCollection query, TimeRange range, out string error)
    {
        error = string.Empty;
        return query.ContainsKey("baselineFrom") || query.ContainsKey("baselineTo")
            ? TimeRange.TryRead(query, "baselineFrom", "baselineTo", clock.GetUtcNow(), range.Length, out error)
            : range.Before;
    }

    private static bool TryLimit(IQueryCollection query, out int limit, out string error)
    {
        limit = DefaultLimit;
        bool isValid = query["limit"].ToString() is not { Length: > 0 } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit);
        error = isValid ? string.Empty : $"'limit' must be a number from 1 to {MaxLimit}.";
        return isValid;
    }

    private static LatencySeriesResponse Response(LatencySeries series, (int Minute, LatencyMeasures Measures)[] steps, TimeRange range, Interval interval)
    {
        var total = new LatencyMeasures();
        foreach ((_, LatencyMeasures measures) in steps)
        {
            total.Merge(measures);
        }

        return new LatencySeriesResponse(
            series.Service,
            series.Operation,
            series.Environment.Length == 0 ? null : series.Environment,
            LatencySeriesResponse.NameOf(series.Step),
            LatencyNumbers.Of(total, range.Length),
            interval.IsWhole ? null : [.. steps.Select(step => new LatencyPoint(Interval.TimeAt(step.Minute), LatencyNumbers.Of(step.Measures, interval.LengthAt(step.Minute, range))))]);
    }
}
