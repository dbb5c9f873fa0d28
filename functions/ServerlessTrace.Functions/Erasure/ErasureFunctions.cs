using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Erasure;

namespace ServerlessTrace.Functions.Erasure;

/// <summary>Erases a trace, or every trace that has a value of a business key, and tells what was erased.</summary>
public sealed class ErasureFunctions(ErasureStore erasures, AnalysisOptions analysis, IConfiguration configuration, TimeProvider clock)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;
    private const int LongestText = 200;
    private const int LongestValue = 500;
    private const string RetryAfterSeconds = "5";

    /// <summary>
    /// Erases a trace: 202 with the address of the record. Asking again while it is under way gives the same record. <c>by</c> and <c>reason</c> are kept in the record.
    /// </summary>
    [Function("EraseTrace")]
    public async Task<IResult> EraseTraceAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/traces/{traceId}")] HttpRequest request,
        string traceId,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => TraceId.TryParse(traceId, out TraceId trace)
            ? await BeginAsync(request, ErasureTarget.Of(trace), durable, cancellationToken).ConfigureAwait(false)
            : Problem.BadRequest("A trace id has 32 hexadecimal digits (shorter ones are padded with zeros on the left) and is not all zeros.");

    /// <summary>Erases every trace that has a value of a business key, sealed or not; those that come later are others.</summary>
    [Function("EraseCorrelation")]
    public async Task<IResult> EraseCorrelationAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/correlations/{key}/{value}")] HttpRequest request,
        string key,
        string value,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken) => ValueProblem(key, value)
            ?? await BeginAsync(request, ErasureTarget.Of(key, value), durable, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Records of erasures, the latest first: <c>limit</c>, <c>cursor</c>; with <c>traceId</c>, or <c>key</c> and <c>value</c>, those of one trace or value, which no record names.
    /// </summary>
    [Function("ListErasures")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/erasures")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? cursor = request.Query["cursor"];
        int limit = DefaultLimit;
        if ((cursor is not null && !ErasureStore.IsId(cursor))
            || (request.Query["limit"].ToString() is { Length: > 0 } text
                && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit)))
        {
            return Problem.BadRequest($"'limit' must be a number from 1 to {MaxLimit}, and 'cursor' the 'nextCursor' of an earlier answer.");
        }

        (ErasureTarget? target, IResult? problem) = ReadTarget(request.Query);
        if (problem is not null)
        {
            return problem;
        }

        var page = new List<ErasureRecord>();
        await foreach (ErasureRecord record in erasures.ReadAsync(cursor, target, cancellationToken).ConfigureAwait(false))
        {
            page.Add(record);
            if (page.Count == limit)
            {
                break;
            }
        }

        return Results.Json(
            new ErasureListResponse([.. page.Select(ErasureResponse.Of)], page.Count == limit ? page[^1].Id : null), HttpJson.Default.ErasureListResponse);
    }

    /// <summary>One record.</summary>
    [Function("GetErasure")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/erasures/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await erasures.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } record)
        {
            return Problem.NotFound("No erasure has this id.");
        }

        if (record.State == ErasureState.Running)
        {
            request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return Results.Json(ErasureResponse.Of(record), HttpJson.Default.ErasureResponse);
    }

    /// <summary>Every hour: goes on with erasures whose orchestration was never started, or failed.</summary>
    [Function("ErasureSweep")]
    public async Task SweepAsync(
        [TimerTrigger("0 50 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        foreach (ErasureWork work in await erasures.ReadWorkAsync(cancellationToken).ConfigureAwait(false))
        {
            await StartAsync(work.Record, durable, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IResult> BeginAsync(HttpRequest request, ErasureTarget target, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string by = request.Query["by"].ToString();
        string reason = request.Query["reason"].ToString();
        if (by.Length > LongestText || reason.Length > LongestText)
        {
            return Problem.BadRequest($"'by' and 'reason' have {LongestText} characters at most.");
        }

        string? principal = Principal(request);
        ErasureRecord record = await erasures.BeginAsync(
            target,
            clock.GetUtcNow(),
            begun => begun with { By = principal ?? NullIfEmpty(by), IsByVerified = principal is not null, Reason = NullIfEmpty(reason) },
            cancellationToken).ConfigureAwait(false);
        await StartAsync(record, durable, cancellationToken).ConfigureAwait(false);

        // Relative, because behind a gateway nobody here knows the name that the client called.
        IHeaderDictionary headers = request.HttpContext.Response.Headers;
        headers.Location = $"{request.PathBase}/api/erasures/{record.Id}";
        headers.RetryAfter = RetryAfterSeconds;
        return Results.Json(ErasureResponse.Of(record), HttpJson.Default.ErasureResponse, statusCode: StatusCodes.Status202Accepted);
    }

    private static Task<bool> StartAsync(ErasureRecord record, DurableTaskClient durable, CancellationToken cancellationToken) => InstanceStart.EnsureAsync(
        durable, OrchestrationNames.Erase, $"erasure-{record.Id}", new ErasureRun(record.Id, record.Hash), cancellationToken);

    /// <summary>Who the platform says calls, where it asks for a login: otherwise anybody could write that header.</summary>
    private string? Principal(HttpRequest request) => string.Equals(configuration["WEBSITE_AUTH_ENABLED"], "true", StringComparison.OrdinalIgnoreCase)
        ? NullIfEmpty(request.Headers["X-MS-CLIENT-PRINCIPAL-NAME"].ToString())
        : null;

    private (ErasureTarget? Target, IResult? Problem) ReadTarget(IQueryCollection query)
    {
        if (query["traceId"].ToString() is { Length: > 0 } id)
        {
            return TraceId.TryParse(id, out TraceId trace) ? (ErasureTarget.Of(trace), null) : (null, Problem.BadRequest("'traceId' must be a trace id."));
        }

        (string key, string value) = (query["key"].ToString(), query["value"].ToString());
        return key.Length + value.Length == 0 ? (null, null) : ValueProblem(key, value) is { } problem ? (null, problem) : (ErasureTarget.Of(key, value), null);
    }

    private IResult? ValueProblem(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return !BusinessStory.IsKey(key, analysis.BusinessKeys)
            ? Problem.BadRequest($"'{key}' is not one of the configured business keys: {string.Join(", ", analysis.BusinessKeys)}.")
            : value.Length is 0 or > LongestValue
                ? Problem.BadRequest($"A value has 1 to {LongestValue} characters.")
                : null;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
