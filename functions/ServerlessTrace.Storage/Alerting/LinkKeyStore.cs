using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>The key that links are signed with: made once, by whoever needs it first, and the same for all instances from then on.</summary>
public sealed class LinkKeyStore(StorageClients clients)
{
    private const string Key = "links";
    private const int KeyBytes = 32;

    private byte[]? _key;

    /// <summary>The key. Deleting its row makes a new one at the next start, and all links that were signed before invalid.</summary>
    public async ValueTask<byte[]> GetAsync(CancellationToken cancellationToken) =>
        _key ??= await ReadAsync(cancellationToken).ConfigureAwait(false) ?? await MakeAsync(cancellationToken).ConfigureAwait(false);

    private async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.LinkKeys.GetEntityIfExistsAsync<TableEntity>(Key, Key, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? found.Value!.GetBinary("Key") : null;
    }

    private async Task<byte[]> MakeAsync(CancellationToken cancellationToken)
    {
        byte[] made = RandomNumberGenerator.GetBytes(KeyBytes);
        try
        {
            await clients.LinkKeys.AddEntityAsync(new TableEntity(Key, Key) { ["Key"] = made }, cancellationToken).ConfigureAwait(false);
            return made;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return (await ReadAsync(cancellationToken).ConfigureAwait(false))!;
        }
    }
}
