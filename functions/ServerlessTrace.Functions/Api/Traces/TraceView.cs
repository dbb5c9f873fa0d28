using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>Reads a trace and analyses it as a request asks.</summary>
public sealed class TraceView(TraceLoader traces, AnalysisOptions options)
{
    /// <summary>Answers with a trace, analysed as the query's <c>criticalPath</c> says (<c>strict</c>, the default, or <c>tolerant</c>), or with what is wrong.</summary>
    public async Task<IResult> AnswerAsync(HttpRequest request, string traceId, Func<AnalysedTrace, IResult> answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        (AnalysedTrace? trace, IResult? problem) = await FindAsync(request, traceId, cancellationToken).ConfigureAwait(false);
        return trace is null ? problem! : answer(trace);
    }

    /// <summary>A trace, or what is wrong: the id, the query, or that there is no such trace.</summary>
    public async Task<(AnalysedTrace? Trace, IResult? Problem)> FindAsync(HttpRequest request, string traceId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!TraceId.TryParse(traceId, out TraceId id))
        {
            return (null, Problem.BadRequest("A trace id has 32 hexadecimal digits (shorter ones are padded with zeros on the left) and is not all zeros."));
        }

        CriticalPathMode? mode = request.Query["criticalPath"].ToString() switch
        {
            "" or "strict" => CriticalPathMode.Strict,
            "tolerant" => CriticalPathMode.Tolerant,
            _ => null,
        };
        if (mode is null)
        {
            return (null, Problem.BadRequest("'criticalPath' must be 'strict' or 'tolerant'."));
        }

        return await traces.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } loaded
            ? (new AnalysedTrace(loaded, options with { CriticalPath = mode.Value }), null)
            : (null, Problem.NotFound($"No span of trace {id} has been received. See /api/receipts for what came in."));
    }
}
