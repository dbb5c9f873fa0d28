using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Progress;

/// <summary>Where looking through the container of span logs has come to, over restarts.</summary>
public sealed class ContainerPassStore(StorageClients clients)
{
    private const string Key = "pass";

    /// <summary>The state that was written last; null for none.</summary>
    public async Task<ContainerPass?> ReadAsync(CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.BlobProgress.GetEntityIfExistsAsync<TableEntity>(
            Key, Key, cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue
            ? new ContainerPass(
                found.Value!.GetDateTimeOffset("CheckedUntil") ?? default,
                found.Value.GetDateTimeOffset("StartedAt"),
                found.Value.GetString("Continuation"),
                found.Value.GetDateTimeOffset("NextPassAt") ?? default)
            : null;
    }

    /// <summary>Writes the state over what was there.</summary>
    public Task WriteAsync(ContainerPass pass, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var row = new TableEntity(Key, Key)
        {
            ["CheckedUntil"] = pass.CheckedUntil,
            ["NextPassAt"] = pass.NextPassAt,
        };
        if (pass.StartedAt is { } startedAt)
        {
            row["StartedAt"] = startedAt;
            row["Continuation"] = pass.Continuation;
        }

        return clients.BlobProgress.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
    }
}
