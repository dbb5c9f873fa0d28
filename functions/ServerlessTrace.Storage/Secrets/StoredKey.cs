using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Secrets;

/// <summary>A key that never leaves storage: made once, by whoever needs it first, and the same for all instances from then on.</summary>
public abstract class StoredKey
{
    private const int KeyBytes = 32;

    private readonly StorageClients _clients;
    private readonly string _name;
    private byte[]? _key;

    private protected StoredKey(StorageClients clients, string name)
    {
        _clients = clients;
        _name = name;
    }

    /// <summary>The key. Deleting its row makes a new one at the next start, and all that was made with the former one invalid.</summary>
    public async ValueTask<byte[]> GetAsync(CancellationToken cancellationToken) =>
        _key ??= await ReadAsync(cancellationToken).ConfigureAwait(false) ?? await MakeAsync(cancellationToken).ConfigureAwait(false);

    private async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await _clients.LinkKeys.GetEntityIfExistsAsync<TableEntity>(_name, _name, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? found.Value!.GetBinary("Key") : null;
    }

    private async Task<byte[]> MakeAsync(CancellationToken cancellationToken)
    {
        byte[] made = RandomNumberGenerator.GetBytes(KeyBytes);
        try
        {
            await _clients.LinkKeys.AddEntityAsync(new TableEntity(_name, _name) { ["Key"] = made }, cancellationToken).ConfigureAwait(false);
            return made;
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return (await ReadAsync(cancellationToken).ConfigureAwait(false))!;
        }
    }
}
