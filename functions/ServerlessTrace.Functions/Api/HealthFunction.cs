using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.Functions.Api;

/// <summary>Whether the service works, for probes and people. Needs no key and names nothing.</summary>
public sealed class HealthFunction(ServiceHealth health)
{
    /// <summary>200 while storage answers and the host takes spans in, 503 otherwise.</summary>
    [Function("Health")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/health")] HttpRequest request, CancellationToken cancellationToken)
    {
        HealthResponse found = await health.LookAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return Results.Json(
            found,
            HttpJson.Default.HealthResponse,
            statusCode: found.Status == ServiceHealth.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}
