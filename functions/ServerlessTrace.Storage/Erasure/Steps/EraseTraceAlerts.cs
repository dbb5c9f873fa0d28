using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Erases which alert rules found something in traces.</summary>
internal sealed class EraseTraceAlerts(TraceAlertStore found) : IErasureStep
{
    public string Name => "traceAlerts";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        (int changed, string? next) = await found.EraseAsync(
            await scope.TracesAsync(cancellationToken).ConfigureAwait(false), from, cancellationToken).ConfigureAwait(false);
        return new ErasureProgress(changed, next);
    }
}
