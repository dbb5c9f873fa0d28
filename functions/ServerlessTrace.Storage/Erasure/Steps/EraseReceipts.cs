using ServerlessTrace.Storage.Receipts;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Erases excerpts of rejected records.</summary>
internal sealed class EraseReceipts(ReceiptStore receipts) : IErasureStep
{
    public string Name => "receipts";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        (int changed, string? next) = await receipts.EraseAsync(
            await scope.TextAsync(cancellationToken).ConfigureAwait(false), from, cancellationToken).ConfigureAwait(false);
        return new ErasureProgress(changed, next);
    }
}
