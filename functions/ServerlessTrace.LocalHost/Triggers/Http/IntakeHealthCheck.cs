using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>Says in the app's health that the host takes nothing in, and why.</summary>
internal sealed class IntakeHealthCheck(Func<string?> refusal) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(refusal() is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy());
}
