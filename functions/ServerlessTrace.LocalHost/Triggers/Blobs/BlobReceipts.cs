using System.IO.Hashing;
using System.Runtime.InteropServices;
using Azure.Data.Tables;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>
/// Which blobs of a container have been reported, and in which version. Kept in a table so that a restart reports no blob again; read
/// once by the host that becomes the lister, since every query of the emulator scans its whole table.
/// </summary>
internal sealed class BlobReceipts
{
    /// <summary>The table; its row keys are unique across partitions, as the emulator's index wants it.</summary>
    public const string TableName = "LocalHostBlobReceipts";

    private const string ETagColumn = "e";
    private const int TransactionLimit = 100;
    private readonly TableClient _table;
    private readonly string _partition;
    private readonly Dictionary<UInt128, ulong> _known = [];

    private BlobReceipts(TableClient table, string partition)
    {
        _table = table;
        _partition = partition;
    }

    public int Count => _known.Count;

    public static async Task<BlobReceipts> LoadAsync(TableServiceClient tables, string hostId, string container, CancellationToken cancellationToken)
    {
        TableClient table = tables.GetTableClient(TableName);
        await table.CreateIfNotExistsAsync(cancellationToken);
        var receipts = new BlobReceipts(table, $"{hostId}|{container}");
        string[] columns = [nameof(TableEntity.RowKey), ETagColumn];
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(
            row => row.PartitionKey == receipts._partition, select: columns, cancellationToken: cancellationToken))
        {
            receipts._known[UInt128.Parse(row.RowKey, System.Globalization.NumberStyles.HexNumber, null)] = HashOfTag(row.GetString(ETagColumn));
        }

        return receipts;
    }

    public bool Has(string blobName, string tag) => _known.TryGetValue(KeyOf(blobName), out ulong known) && known == HashOfTag(tag);

    /// <summary>Writes receipts, a hundred a request.</summary>
    public async Task AddAsync(IReadOnlyList<(string Name, string Tag)> blobs, CancellationToken cancellationToken)
    {
        foreach ((string Name, string Tag)[] chunk in blobs.Chunk(TransactionLimit))
        {
            await _table.SubmitTransactionAsync(
                chunk.Select(blob => new TableTransactionAction(
                    TableTransactionActionType.UpsertReplace,
                    new TableEntity(_partition, KeyOf(blob.Name).ToString("x32", null)) { [ETagColumn] = blob.Tag })),
                cancellationToken);
            foreach ((string name, string tag) in chunk)
            {
                _known[KeyOf(name)] = HashOfTag(tag);
            }
        }
    }

    /// <summary>Forgets blobs that are no longer there.</summary>
    public async Task KeepOnlyAsync(IEnumerable<string> present, CancellationToken cancellationToken)
    {
        HashSet<UInt128> keep = [.. present.Select(KeyOf)];
        foreach (UInt128[] chunk in _known.Keys.Where(key => !keep.Contains(key)).ToArray().Chunk(TransactionLimit))
        {
            await _table.SubmitTransactionAsync(
                chunk.Select(key => new TableTransactionAction(
                    TableTransactionActionType.Delete, new TableEntity(_partition, key.ToString("x32", null)) { ETag = Azure.ETag.All })),
                cancellationToken);
            foreach (UInt128 key in chunk)
            {
                _known.Remove(key);
            }
        }
    }

    private UInt128 KeyOf(string blobName)
    {
        var hash = new XxHash128();
        hash.Append(MemoryMarshal.AsBytes(_partition.AsSpan()));
        hash.Append("/"u8);
        hash.Append(MemoryMarshal.AsBytes(blobName.AsSpan()));
        return hash.GetCurrentHashAsUInt128();
    }

    private static ulong HashOfTag(string tag) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(tag.AsSpan()));
}
