using Microsoft.AspNetCore.Http;
using ServerlessTrace.Functions.Http;

namespace ServerlessTrace.Functions.Links;

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
        await links.AllowAsync(request, cancellationToken).ConfigureAwait(false)
            ? await traces.ReportAsync(request, traceId, cancellationToken).ConfigureAwait(false)
            : Problem.Forbidden("This link is not valid: it has expired, or is not complete. Ask for a new one, or open the trace with a key.");
}
