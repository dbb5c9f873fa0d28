using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Progress;

/// <summary>
/// The progress of blobs that are read in parts. Blobs that may need attention soon lie in a partition of their own, so that looking
/// after them costs the same however many others there have ever been.
/// </summary>
public sealed class BlobProgressStore(StorageClients clients)
{
    private const string Active = "active";
    private const string Settled = "settled";
    private static readonly string[] Partitions = [Active, Settled];

    /// <summary>A blob's progress; null where none of it has been read.</summary>
    public async Task<BlobProgress?> FindAsync(string name, CancellationToken cancellationToken)
    {
        foreach (string partition in Partitions)
        {
            NullableResponse<TableEntity> found = await clients.BlobProgress.GetEntityIfExistsAsync<TableEntity>(
                partition, RowKey(partition, name), cancellationToken: cancellationToken).ConfigureAwait(false);
            if (found.HasValue)
            {
                return Read(found.Value!);
            }
        }

        return null;
    }

    /// <summary>Stores progress among the active blobs, if nobody else has done so since it was read.</summary>
    /// <returns>The progress as it is stored now; null where somebody else was faster.</returns>
    public async Task<BlobProgress?> TryWriteAsync(BlobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        TableEntity row = Write(Active, progress);
        try
        {
            Response response = progress.RowVersion == default
                ? await clients.BlobProgress.AddEntityAsync(row, cancellationToken).ConfigureAwait(false)
                : await clients.BlobProgress.UpdateEntityAsync(row, progress.RowVersion, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return progress with { RowVersion = response.Headers.ETag ?? default };
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return null;
        }
    }

    /// <summary>Moves a blob out of the active ones, if nobody else has changed its progress since it was read.</summary>
    public async Task SettleAsync(BlobProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);

        // First there, then away from here: whoever reads looks here first.
        await clients.BlobProgress.UpsertEntityAsync(Write(Settled, progress), TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        if (progress.RowVersion != default)
        {
            await DeleteAsync(Active, progress.Name, progress.RowVersion, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets a blob that is gone, or is read otherwise now.</summary>
    public async Task ForgetAsync(string name, CancellationToken cancellationToken)
    {
        await DeleteAsync(Settled, name, ETag.All, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(Active, name, ETag.All, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The blobs that may need attention soon.</summary>
    public async Task<List<BlobProgress>> ReadActiveAsync(CancellationToken cancellationToken)
    {
        var active = new List<BlobProgress>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Active}");
        await foreach (TableEntity row in clients.BlobProgress.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            active.Add(Read(row));
        }

        return active;
    }

    private async Task DeleteAsync(string partition, string name, ETag version, CancellationToken cancellationToken)
    {
        try
        {
            await clients.BlobProgress.DeleteEntityAsync(partition, RowKey(partition, name), version, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            // Changed since: it is active again, and whoever changed it goes on with it.
        }
    }

    // The emulator finds rows by their row keys first: unique over the partitions.
    private static string RowKey(string partition, string name) => $"{partition[0]}-{SourceId.OfBlobName(StorageNames.SpanLogs, name).Hex}";

    private static TableEntity Write(string partition, BlobProgress progress)
    {
        var row = new TableEntity(partition, RowKey(partition, progress.Name))
        {
            ["Name"] = progress.Name,
            ["Version"] = progress.Version,
            ["IsAppended"] = progress.IsAppended,
            ["Length"] = progress.Length,
            ["ModifiedAt"] = progress.ModifiedAt,
            ["Offset"] = progress.Position.Offset,
            ["Line"] = progress.Position.Line,
            ["OpenArrays"] = progress.Position.OpenArrays,
            ["Format"] = progress.Position.Format.ToString(),
            ["Compression"] = progress.Position.Compression.ToString(),
            ["ReadTo"] = progress.ReadTo,
            ["IsFinal"] = progress.IsFinal,
            ["IsRefused"] = progress.IsRefused,
            ["IsReadWhole"] = progress.IsReadWhole,
            ["ReadAt"] = progress.ReadAt,
        };
        if (progress.Claim is { } claim)
        {
            row["ClaimUntil"] = claim.Until;
            row["ClaimEnd"] = claim.End;
            row["ClaimIsFinal"] = claim.IsFinal;
            row["ClaimModifiedAt"] = claim.ModifiedAt;
            row["ClaimAttempts"] = claim.Attempts;
        }

        return row;
    }

    private static BlobProgress Read(TableEntity row)
    {
        // A format that this version does not know is told again from the content.
        SourceFormat format = Enum.TryParse(row.GetString("Format"), out SourceFormat known) ? known : SourceFormat.Unknown;
        SourceCompression compression = Enum.TryParse(row.GetString("Compression"), out SourceCompression knownCompression) ? knownCompression : SourceCompression.None;
        BlobClaim? claim = row.GetDateTimeOffset("ClaimUntil") is { } until
            ? new BlobClaim(
                until,
                row.GetInt64("ClaimEnd") ?? 0,
                row.GetBoolean("ClaimIsFinal") ?? false,
                row.GetDateTimeOffset("ClaimModifiedAt") ?? default,
                row.GetInt32("ClaimAttempts") ?? 0)
            : null;
        return new BlobProgress(row.GetString("Name"), row.GetString("Version"))
        {
            IsAppended = row.GetBoolean("IsAppended") ?? false,
            Length = row.GetInt64("Length") ?? 0,
            ModifiedAt = row.GetDateTimeOffset("ModifiedAt") ?? default,
            Position = new SourcePosition(row.GetInt64("Offset") ?? 0, row.GetInt64("Line") ?? 1, row.GetInt32("OpenArrays") ?? 0, format, compression),
            ReadTo = row.GetInt64("ReadTo") ?? 0,
            IsFinal = row.GetBoolean("IsFinal") ?? false,
            IsRefused = row.GetBoolean("IsRefused") ?? false,
            IsReadWhole = row.GetBoolean("IsReadWhole") ?? false,
            ReadAt = row.GetDateTimeOffset("ReadAt") ?? default,
            Claim = claim,
            RowVersion = row.PartitionKey == Active ? row.ETag : default,
        };
    }
}
