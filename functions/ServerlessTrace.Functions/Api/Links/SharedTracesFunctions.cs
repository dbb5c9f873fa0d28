using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Api.Traces;

namespace ServerlessTrace.Functions.Api.Links;

/// <summary>
/// Reports that open by a signed link. The platform lets anybody call them, since its keys may not stand in a link; the signature is the key.
/// </summary>
public sealed class SharedTracesFunctions(TracesFunctions traces, SignedLinks links)
{
    /// <summary>The report of a trace, as <c>GET /api/traces/{traceId}/report</c> gives it.</summary>
    [Function("GetSharedTraceReport")]
    public async Task<IResult> ReportAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = SignedLinks.Root + "/{traceId}/report")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken) =>
        await links.CheckAsync(request, cancellationToken).ConfigureAwait(false) switch
        {
            LinkState.Valid => await traces.ReportAsync(request, traceId, cancellationToken).ConfigureAwait(false),
            LinkState.Expired => RefusedLink.Expired,
            _ => RefusedLink.Invalid,
        };
}
