using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>Which services there are, what they do, and who calls whom. The last day where no range is given.</summary>
public sealed class ServicesFunctions(AggregateStore aggregates, TimeProvider clock)
{
    private static readonly TimeSpan UsualRange = TimeSpan.FromDays(1);

    /// <summary>Services that sent spans: <c>from, to</c>.</summary>
    [Function("ListServices")]
    public async Task<IResult> ServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/services")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Range(request, out string error) is not { } range)
        {
            return Problem.BadRequest(error);
        }

        TraceAggregates totals = await aggregates.ReadTotalsAsync(range.From, range.To, cancellationToken).ConfigureAwait(false);
        ServiceResponse[] services =
        [
            .. Spans(totals).GroupBy(item => item.Series.Service, StringComparer.Ordinal).OrderBy(service => service.Key, StringComparer.Ordinal)
                .Select(service => new ServiceResponse(
                    service.Key, service.Select(item => item.Series.Operation).Distinct(StringComparer.Ordinal).Count(), Sum(service.Select(item => item.Measures), range))),
        ];
        return Results.Json(new ServicesResponse(range.From, range.To, services), StatisticsJson.Default.ServicesResponse);
    }

    /// <summary>The operations of a service: <c>from, to</c>.</summary>
    [Function("ListOperations")]
    public async Task<IResult> OperationsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/services/{service}/operations")] HttpRequest request,
        string service,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Range(request, out string error) is not { } range)
        {
            return Problem.BadRequest(error);
        }

        TraceAggregates totals = await aggregates.ReadTotalsAsync(range.From, range.To, cancellationToken).ConfigureAwait(false);
        OperationResponse[] operations =
        [
            .. Spans(totals).Where(item => string.Equals(item.Series.Service, service, StringComparison.Ordinal))
                .GroupBy(item => item.Series.Operation, StringComparer.Ordinal).OrderBy(operation => operation.Key, StringComparer.Ordinal)
                .Select(operation => new OperationResponse(operation.Key, Sum(operation.Select(item => item.Measures), range))),
        ];
        return operations.Length == 0
            ? Problem.NotFound("No service of this name sent spans in this time. Names are told apart by case; see /api/services.")
            : Results.Json(new OperationsResponse(range.From, range.To, service, operations), StatisticsJson.Default.OperationsResponse);
    }

    /// <summary>Who calls whom, how often, how long, with how many errors: <c>from, to</c>, and <c>format</c>: <c>json</c>, <c>mermaid</c> or <c>dot</c>.</summary>
    [Function("GetDependencies")]
    public async Task<IResult> DependenciesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/dependencies")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Func<DependencyGraph, IResult>? answer = request.Query["format"].ToString() switch
        {
            "" or "json" => Json,
            "mermaid" => static graph => Results.Text(DependencyText.ToMermaid(graph), "text/plain; charset=utf-8"),
            "dot" => static graph => Results.Text(DependencyText.ToDot(graph), "text/vnd.graphviz; charset=utf-8"),
            _ => null,
        };
        string error = "'format' must be 'json', 'mermaid' or 'dot'.";
        if (answer is null || Range(request, out error) is not { } range)
        {
            return Problem.BadRequest(error);
        }

        return answer(DependencyGraph.Of(await aggregates.ReadTotalsAsync(range.From, range.To, cancellationToken).ConfigureAwait(false)));
    }

    private TimeRange? Range(HttpRequest request, out string error) => TimeRange.TryRead(request.Query, "from", "to", clock.GetUtcNow(), UsualRange, out error);

    private static IEnumerable<(LatencySeries Series, int Minute, LatencyMeasures Measures)> Spans(TraceAggregates totals) =>
        totals.Latency.All.Where(item => item.Series.Step == LatencyStep.Span);

    private static LatencyNumbers Sum(IEnumerable<LatencyMeasures> all, TimeRange range)
    {
        var sum = new LatencyMeasures();
        foreach (LatencyMeasures measures in all)
        {
            sum.Merge(measures);
        }

        return LatencyNumbers.Of(sum, range.Length);
    }

    private static IResult Json(DependencyGraph graph)
    {
        var json = new ArrayBufferWriter<byte>();
        DependencyText.WriteJson(json, graph);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }
}
