using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace ServerlessTrace.Storage;

/// <summary>The clients of the one storage account that everything lives in.</summary>
/// <param name="Tables">Table Storage.</param>
/// <param name="Blobs">Blob Storage.</param>
/// <param name="Queues">Queue Storage, for messages without an encoding of their own.</param>
public sealed record StorageClients(TableServiceClient Tables, BlobServiceClient Blobs, QueueServiceClient Queues)
{
    /// <summary>Span parts that are not sealed yet.</summary>
    public TableClient SpanChunks => Tables.GetTableClient(StorageNames.SpanChunks);

    /// <summary>Sealed traces.</summary>
    public TableClient Traces => Tables.GetTableClient(StorageNames.Traces);

    /// <summary>Summaries of sealed traces, in blocks.</summary>
    public TableClient TraceBlocks => Tables.GetTableClient(StorageNames.TraceBlocks);

    /// <summary>Which traces have a business value.</summary>
    public TableClient BusinessKeys => Tables.GetTableClient(StorageNames.BusinessKeys);

    /// <summary>Receipts of what came in.</summary>
    public TableClient Receipts => Tables.GetTableClient(StorageNames.Receipts);

    /// <summary>Services that have sent spans.</summary>
    public TableClient Services => Tables.GetTableClient(StorageNames.Services);

    /// <summary>How far blobs have been read that are read in parts.</summary>
    public TableClient BlobProgress => Tables.GetTableClient(StorageNames.BlobProgress);

    /// <summary>Webhook subscriptions.</summary>
    public TableClient Webhooks => Tables.GetTableClient(StorageNames.Webhooks);

    /// <summary>Notifications to be delivered, and their deliveries.</summary>
    public TableClient WebhookDeliveries => Tables.GetTableClient(StorageNames.WebhookDeliveries);

    /// <summary>Sealed traces that wait to be forwarded.</summary>
    public TableClient ForwardOutbox => Tables.GetTableClient(StorageNames.ForwardOutbox);

    /// <summary>Alert rules and silences.</summary>
    public TableClient AlertRules => Tables.GetTableClient(StorageNames.AlertRules);

    /// <summary>The states of alert rules' groups.</summary>
    public TableClient AlertStates => Tables.GetTableClient(StorageNames.AlertStates);

    /// <summary>What happened to alerts.</summary>
    public TableClient Alerts => Tables.GetTableClient(StorageNames.Alerts);

    /// <summary>Traces in which alert rules found something.</summary>
    public TableClient TraceAlerts => Tables.GetTableClient(StorageNames.TraceAlerts);

    /// <summary>Keys that never leave storage.</summary>
    public TableClient LinkKeys => Tables.GetTableClient(StorageNames.LinkKeys);

    /// <summary>What came in, by hour.</summary>
    public TableClient Usage => Tables.GetTableClient(StorageNames.Usage);

    /// <summary>Erasures, what they are at, and which traces must not come back.</summary>
    public TableClient Erasures => Tables.GetTableClient(StorageNames.Erasures);

    /// <summary>Where users drop span logs.</summary>
    public BlobContainerClient SpanLogs => Blobs.GetBlobContainerClient(StorageNames.SpanLogs);

    /// <summary>Sources that could not be read, with the reason as metadata.</summary>
    public BlobContainerClient Rejected => Blobs.GetBlobContainerClient(StorageNames.Rejected);

    /// <summary>Packed spans that are too big for a table row.</summary>
    public BlobContainerClient Spilled => Blobs.GetBlobContainerClient(StorageNames.Spilled);

    /// <summary>Messages that name blobs to be read, or read on.</summary>
    public QueueClient BlobsToRead => Queues.GetQueueClient(StorageNames.BlobsToRead);

    private TableClient[] AllTables =>
    [
        SpanChunks, Traces, TraceBlocks, BusinessKeys, Receipts, Services, BlobProgress, Webhooks, WebhookDeliveries, ForwardOutbox, AlertRules, AlertStates, Alerts,
        TraceAlerts, LinkKeys, Usage, Erasures,
    ];

    private BlobContainerClient[] AllContainers => [SpanLogs, Rejected, Spilled];

    private QueueClient[] AllQueues => [BlobsToRead, Queues.GetQueueClient(StorageNames.SpanLogs)];

    /// <summary>
    /// Creates the tables, containers and queues that are missing. Three lists tell which: an instance that starts on Azure, where all are there, asks for no more.
    /// </summary>
    public Task EnsureCreatedAsync(CancellationToken cancellationToken) => Task.WhenAll(
        CreateMissingAsync(
            Tables.QueryAsync(cancellationToken: cancellationToken), item => item.Name, AllTables, table => table.Name, table => table.CreateIfNotExistsAsync(cancellationToken)),
        CreateMissingAsync(
            Blobs.GetBlobContainersAsync(cancellationToken: cancellationToken), item => item.Name, AllContainers, container => container.Name, container => container.CreateIfNotExistsAsync(cancellationToken: cancellationToken)),
        CreateMissingAsync(
            Queues.GetQueuesAsync(cancellationToken: cancellationToken), item => item.Name, AllQueues, queue => queue.Name, queue => queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken)));

    private static async Task CreateMissingAsync<TItem, TClient>(
        IAsyncEnumerable<TItem> existing, Func<TItem, string> existingName, TClient[] wanted, Func<TClient, string> wantedName, Func<TClient, Task> create)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (TItem item in existing.ConfigureAwait(false))
        {
            names.Add(existingName(item));
        }

        await Task.WhenAll(wanted.Where(client => !names.Contains(wantedName(client))).Select(create)).ConfigureAwait(false);
    }
}
