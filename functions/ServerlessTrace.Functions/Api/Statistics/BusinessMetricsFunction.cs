using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>Business values beside latency: amounts and the like, by outcome, service and time.</summary>
public sealed class BusinessMetricsFunction(AggregateStore aggregates, TimeProvider clock)
{
    private static readonly TimeSpan UsualRange = TimeSpan.FromHours(1);

    /// <summary>Count, sum and percentiles of numeric business keys: <c>key, service, from, to, interval</c>. The last hour where no range is given.</summary>
    [Function("GetBusinessMetrics")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/business-metrics")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (TimeRange.TryRead(request.Query, "from", "to", clock.GetUtcNow(), UsualRange, out string error) is not { } range
            || Interval.TryRead(request.Query, range, out error) is not { } interval)
        {
            return Problem.BadRequest(error);
        }

        (string key, string service) = (request.Query["key"].ToString(), request.Query["service"].ToString());
        TraceAggregates read = await aggregates.ReadAsync(range.From, range.To, interval.Minutes, cancellationToken).ConfigureAwait(false);
        BusinessMetric[] metrics =
        [
            .. read.Business.All
                .Where(item => (key.Length == 0 || item.Series.Key == key) && (service.Length == 0 || item.Series.Service == service))
                .GroupBy(item => item.Series)
                .OrderBy(group => group.Key.Key, StringComparer.Ordinal).ThenBy(group => group.Key.Service, StringComparer.Ordinal).ThenBy(group => group.Key.Outcome)
                .Select(group => Metric(group.Key, [.. group.Select(item => (item.Minute, item.Measures)).OrderBy(item => item.Minute)], interval)),
        ];
        return Results.Json(new BusinessMetricsResponse(range.From, range.To, metrics), StatisticsJson.Default.BusinessMetricsResponse);
    }

    private static BusinessMetric Metric(BusinessSeries series, (int Minute, ValueMeasures Measures)[] steps, Interval interval)
    {
        var total = new ValueMeasures();
        foreach ((_, ValueMeasures measures) in steps)
        {
            total.Merge(measures);
        }

        return new BusinessMetric(
            series.Key,
            series.Service,
            SpanNames.Of(series.Outcome),
            BusinessNumbers.Of(total),
            interval.IsWhole ? null : [.. steps.Select(step => new BusinessPoint(Interval.TimeAt(step.Minute), BusinessNumbers.Of(step.Measures)))]);
    }
}
