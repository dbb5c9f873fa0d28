using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Functions.Api.Jaeger;

/// <summary>
/// The query API of Jaeger (jaegertracing.io, "APIs", internal HTTP JSON), below <c>/jaeger</c>: for its user interface, Grafana's data source and scripts.
/// Searches see sealed traces; <c>minDuration</c> is the longest span's, <c>maxDuration</c> the trace's.
/// </summary>
public sealed class JaegerQueryFunctions(WholeTraces traces, RecentNames names, TimeProvider clock)
{
    private const int UsualLimit = 20;
    private const long NanosPerMicro = 1_000;
    private const string NoTags = "'tags' must be a JSON object of texts, such as {\"http.method\":\"GET\"}.";

    private static readonly TimeSpan UsualSearch = TimeSpan.FromDays(2);
    private static readonly TimeSpan UsualDependencies = TimeSpan.FromDays(1);

    /// <summary>Services of the last two days.</summary>
    [Function("JaegerServices")]
    public async Task<IResult> ServicesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jaeger/api/services")] HttpRequest request, CancellationToken cancellationToken) =>
        Json(JaegerAnswer.Of(await names.ServicesAsync(cancellationToken).ConfigureAwait(false)));

    /// <summary>The operations of a service in the last two days, by name.</summary>
    [Function("JaegerServiceOperations")]
    public async Task<IResult> ServiceOperationsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jaeger/api/services/{service}/operations")] HttpRequest request,
        string service,
        CancellationToken cancellationToken) =>
        Json(JaegerAnswer.Of(await names.OperationsAsync(service, cancellationToken).ConfigureAwait(false)));

    /// <summary>The operations of a <c>service</c> in the last two days, as objects. Statistics do not tell kinds of spans apart: <c>spanKind</c> is empty.</summary>
    [Function("JaegerOperations")]
    public async Task<IResult> OperationsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jaeger/api/operations")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Query["service"].ToString() is not { Length: > 0 } service)
        {
            return Problem.BadRequest("'service' is missing.");
        }

        string[] operations = await names.OperationsAsync(service, cancellationToken).ConfigureAwait(false);
        JaegerOperation[] data = [.. operations.Select(static name => new JaegerOperation(name, string.Empty))];
        return Results.Json(JaegerAnswer.Of(data), CompatibleJson.Default.JaegerAnswerJaegerOperation);
    }

    /// <summary>Traces: <c>service, operation, tag=key:value…, tags={"key":"value"}, start, end (µs), minDuration, maxDuration, limit</c>, or <c>traceID</c>, which may be repeated.</summary>
    [Function("JaegerTraces")]
    public async Task<IResult> TracesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jaeger/api/traces")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Query["traceID"] is { Count: > 0 } asked)
        {
            TraceId[] ids = [.. asked.Select(static text => TraceId.TryParse(text ?? string.Empty, out TraceId id) ? id : default)];
            return ids.Any(static id => id.IsZero)
                ? Problem.BadRequest("'traceID' must be 1 to 32 hexadecimal digits, not all zeros.")
                : Traces(await traces.ReadAsync(ids, cancellationToken).ConfigureAwait(false));
        }

        (TraceQuery query, string? error) = ReadQuery(request.Query);
        return error is null ? Traces(await traces.FindAsync(query, cancellationToken).ConfigureAwait(false)) : Problem.BadRequest(error);
    }

    /// <summary>A trace.</summary>
    [Function("JaegerTrace")]
    public async Task<IResult> TraceAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jaeger/api/traces/{traceId}")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        if (!TraceId.TryParse(traceId, out TraceId id))
        {
            return Problem.BadRequest("A trace id has 1 to 32 hexadecimal digits and is not all zeros.");
        }

        IReadOnlyList<Trace> found = await traces.ReadAsync([id], cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? Problem.NotFound($"No span of trace {id} has been received.") : Traces(found);
    }

    /// <summary>Who calls whom: <c>endTs, lookback</c> (ms).</summary>
    [Function("JaegerDependencies")]
    public async Task<IResult> DependenciesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jaeger/api/dependencies")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parameters = new CompatibleQuery(request.Query, clock.GetUtcNow());
        (long from, long to) = parameters.BoundedRange(UsualDependencies);
        if (parameters.Error is { } error)
        {
            return Problem.BadRequest(error);
        }

        DependencyGraph graph = await names.CallsAsync(UnixNano.ToTime(from), UnixNano.ToTime(to), cancellationToken).ConfigureAwait(false);
        JaegerDependency[] data = [.. graph.Edges.Select(static edge => new JaegerDependency(edge.Caller.Name, edge.Callee.Name, edge.Calls))];
        return Results.Json(JaegerAnswer.Of(data), CompatibleJson.Default.JaegerAnswerJaegerDependency);
    }

    private (TraceQuery Query, string? Error) ReadQuery(IQueryCollection values)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var parameters = new CompatibleQuery(values, now);
        long to = parameters.Number("end", NanosPerMicro) ?? UnixNano.Of(now);
        var query = new TraceQuery
        {
            Service = parameters.Text("service"),
            Operation = parameters.Text("operation"),
            ToUnixNano = to,
            FromUnixNano = parameters.Number("start", NanosPerMicro) ?? Math.Max(0, to - (UsualSearch.Ticks * TimeSpan.NanosecondsPerTick)),
            Limit = parameters.Limit(UsualLimit),
        };
        string? error = parameters.Text("service") is null ? "'service' is missing: Jaeger's searches name one." : null;
        query = query with
        {
            MinSpanDurationNano = parameters.Duration("minDuration") ?? 0,
            MaxDurationNano = parameters.Duration("maxDuration") ?? long.MaxValue,
        };
        (IEnumerable<(string Key, string Value)> tags, string? tagError) = ReadTags(values);
        query = parameters.WithAttributes(query, tags);
        return (query, error ?? tagError ?? parameters.Error);
    }

    private static (IEnumerable<(string Key, string Value)> Tags, string? Error) ReadTags(IQueryCollection values)
    {
        var tags = new List<(string Key, string Value)>();
        foreach (string? tag in values["tag"])
        {
            int colon = tag?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon < 1)
            {
                return (tags, "'tag' must be key:value.");
            }

            tags.Add((tag![..colon], tag[(colon + 1)..]));
        }

        foreach (string? json in values["tags"].Where(static json => !string.IsNullOrEmpty(json)))
        {
            try
            {
                Dictionary<string, string>? read = JsonSerializer.Deserialize(json!, CompatibleJson.Default.DictionaryStringString);
                if (read?.Values.All(static value => value is not null) != true)
                {
                    return (tags, NoTags);
                }

                tags.AddRange(read.Select(static pair => (pair.Key, pair.Value)));
            }
            catch (JsonException)
            {
                return (tags, NoTags);
            }
        }

        return (tags, null);
    }

    private static IResult Json(JaegerAnswer<string> answer) => Results.Json(answer, CompatibleJson.Default.JaegerAnswerString);

    private static IResult Traces(IReadOnlyList<Trace> found)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceExport.WriteJaeger(json, found);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }
}
