using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Functions.Api.Zipkin;

/// <summary>
/// The query API of Zipkin (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>): for its user interface, Grafana's data source and scripts. Searches see
/// sealed traces; <c>minDuration</c> is the longest span's, <c>maxDuration</c> the trace's. Names keep their case.
/// </summary>
public sealed class ZipkinQueryFunctions(WholeTraces traces, RecentNames names, TimeProvider clock)
{
    private const int UsualLimit = 10;
    private const long NanosPerMicro = 1_000;

    private static readonly TimeSpan UsualLookBack = TimeSpan.FromDays(1);

    /// <summary>Services of the last two days.</summary>
    [Function("ZipkinServices")]
    public async Task<IResult> ServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/services")] HttpRequest request, CancellationToken cancellationToken) =>
        Texts(await names.ServicesAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Names of a service's spans in the last two days: <c>serviceName</c>.</summary>
    [Function("ZipkinSpanNames")]
    public async Task<IResult> SpanNamesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/spans")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Query["serviceName"].ToString() is { Length: > 0 } service
            ? Texts(await names.OperationsAsync(service, cancellationToken).ConfigureAwait(false))
            : Problem.BadRequest("'serviceName' is missing.");
    }

    /// <summary>What a service called in the last two days: <c>serviceName</c>.</summary>
    [Function("ZipkinRemoteServices")]
    public async Task<IResult> RemoteServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/remoteServices")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Query["serviceName"].ToString() is { Length: > 0 } service
            ? Texts(await names.CalledByAsync(service, cancellationToken).ConfigureAwait(false))
            : Problem.BadRequest("'serviceName' is missing.");
    }

    /// <summary>
    /// Traces: <c>serviceName, spanName, remoteServiceName, annotationQuery, minDuration, maxDuration (µs), endTs, lookback (ms), limit</c>.
    /// An annotation query has <c>error</c> and <c>key=value</c>, joined by <c>and</c>.
    /// </summary>
    [Function("ZipkinTraces")]
    public async Task<IResult> TracesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/traces")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (TraceQuery query, string? error) = ReadQuery(request.Query);
        return error is null ? Traces(await traces.FindAsync(query, cancellationToken).ConfigureAwait(false)) : Problem.BadRequest(error);
    }

    /// <summary>The spans of a trace.</summary>
    [Function("ZipkinTrace")]
    public async Task<IResult> TraceAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/trace/{traceId}")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        if (!TraceId.TryParse(traceId, out TraceId id))
        {
            return Problem.BadRequest("A trace id has 1 to 32 hexadecimal digits and is not all zeros.");
        }

        IReadOnlyList<Trace> found = await traces.ReadAsync([id], cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
        {
            return Problem.NotFound($"No span of trace {id} has been received.");
        }

        var json = new ArrayBufferWriter<byte>();
        TraceExport.Write(json, ExportFormat.Zipkin, found[0]);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }

    /// <summary>Traces by their ids: <c>traceIds</c>, with commas between.</summary>
    [Function("ZipkinTraceMany")]
    public async Task<IResult> TraceManyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/traceMany")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string[] asked = request.Query["traceIds"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        TraceId[] ids = [.. asked.Select(static text => TraceId.TryParse(text, out TraceId id) ? id : default).Distinct()];
        return ids.Length == 0 || ids.Any(static id => id.IsZero)
            ? Problem.BadRequest("'traceIds' must be ids of 1 to 32 hexadecimal digits with commas between.")
            : Traces(await traces.ReadAsync(ids, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Who calls whom: <c>endTs, lookback</c> (ms).</summary>
    [Function("ZipkinDependencies")]
    public async Task<IResult> DependenciesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "zipkin/api/v2/dependencies")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parameters = new CompatibleQuery(request.Query, clock.GetUtcNow());
        (long from, long to) = parameters.BoundedRange(UsualLookBack);
        if (parameters.Error is { } error)
        {
            return Problem.BadRequest(error);
        }

        DependencyGraph graph = await names.CallsAsync(UnixNano.ToTime(from), UnixNano.ToTime(to), cancellationToken).ConfigureAwait(false);
        ZipkinDependency[] links = [.. graph.Edges.Select(static edge => new ZipkinDependency(edge.Caller.Name, edge.Callee.Name, edge.Calls, edge.Errors))];
        return Results.Json(links, CompatibleJson.Default.ZipkinDependencyArray);
    }

    private (TraceQuery Query, string? Error) ReadQuery(IQueryCollection values)
    {
        var parameters = new CompatibleQuery(values, clock.GetUtcNow());
        (long from, long to) = parameters.Range(UsualLookBack);
        var query = new TraceQuery
        {
            Service = parameters.Text("serviceName"),
            Operation = parameters.Text("spanName"),
            FromUnixNano = from,
            ToUnixNano = to,
            MinSpanDurationNano = parameters.Number("minDuration", NanosPerMicro) ?? 0,
            MaxDurationNano = parameters.Number("maxDuration", NanosPerMicro) ?? long.MaxValue,
            Limit = parameters.Limit(UsualLimit),
        };
        var attributes = new List<(string Key, string Value)>();
        if (parameters.Text("remoteServiceName") is { } remote)
        {
            attributes.Add(("peer.service", remote));
        }

        string? error = null;
        foreach (string part in (parameters.Text("annotationQuery") ?? string.Empty).Split(" and ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            error ??= equals > 0 || part == "error" ? null : "'annotationQuery' may have 'error' and key=value, joined by 'and'.";
            attributes.Add(equals > 0 ? (part[..equals], part[(equals + 1)..]) : (part, string.Empty));
        }

        query = parameters.WithAttributes(query, attributes);
        return (query, error ?? parameters.Error);
    }

    private static IResult Texts(string[] texts) => Results.Json(texts, CompatibleJson.Default.StringArray);

    private static IResult Traces(IReadOnlyList<Trace> found)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceExport.WriteZipkin(json, found);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }
}
