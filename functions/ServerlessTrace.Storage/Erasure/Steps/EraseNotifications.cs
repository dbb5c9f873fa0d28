using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Erases traces from what subscribers were told, or are to be told. What they were told already they have.</summary>
internal sealed class EraseNotifications(DeliveryStore deliveries) : IErasureStep
{
    public string Name => "notifications";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        var erasure = new AlertErasure(scope.Target, await scope.TracesAsync(cancellationToken).ConfigureAwait(false));
        (int changed, string? next) = await deliveries.EraseAsync(erasure, from, cancellationToken).ConfigureAwait(false);
        return new ErasureProgress(changed, next);
    }
}
