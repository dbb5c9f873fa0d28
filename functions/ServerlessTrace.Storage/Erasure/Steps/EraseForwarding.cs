using ServerlessTrace.Storage.Forwarding;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Erases what waits to be forwarded.</summary>
internal sealed class EraseForwarding(ForwardOutbox outbox) : IErasureStep
{
    public string Name => "forwarding";

    public Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken) =>
        ShardByShard.RunAsync(scope, from, outbox.EraseAsync, cancellationToken);
}
