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

    /// <summary>Bodies that were posted over HTTP and not yet taken in.</summary>
    public BlobContainerClient Posted => Blobs.GetBlobContainerClient(StorageNames.Posted);

    /// <summary>Messages that point to posted bodies.</summary>
    public QueueClient PostedPointers => Queues.GetQueueClient(StorageNames.Posted);

    /// <summary>Messages that name blobs to be read, or read on.</summary>
    public QueueClient BlobsToRead => Queues.GetQueueClient(StorageNames.BlobsToRead);

    /// <summary>Creates the tables, containers and queues that are missing.</summary>
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            SpanChunks.CreateIfNotExistsAsync(cancellationToken),
            Traces.CreateIfNotExistsAsync(cancellationToken),
            TraceBlocks.CreateIfNotExistsAsync(cancellationToken),
            BusinessKeys.CreateIfNotExistsAsync(cancellationToken),
            Receipts.CreateIfNotExistsAsync(cancellationToken),
            Services.CreateIfNotExistsAsync(cancellationToken),
            BlobProgress.CreateIfNotExistsAsync(cancellationToken),
            Webhooks.CreateIfNotExistsAsync(cancellationToken),
            WebhookDeliveries.CreateIfNotExistsAsync(cancellationToken),
            ForwardOutbox.CreateIfNotExistsAsync(cancellationToken),
            AlertRules.CreateIfNotExistsAsync(cancellationToken),
            AlertStates.CreateIfNotExistsAsync(cancellationToken),
            Alerts.CreateIfNotExistsAsync(cancellationToken),
            TraceAlerts.CreateIfNotExistsAsync(cancellationToken),
            LinkKeys.CreateIfNotExistsAsync(cancellationToken),
            Usage.CreateIfNotExistsAsync(cancellationToken),
            Erasures.CreateIfNotExistsAsync(cancellationToken),
            BlobsToRead.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            SpanLogs.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            Rejected.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            Spilled.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            Posted.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            PostedPointers.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            Queues.GetQueueClient(StorageNames.SpanLogs).CreateIfNotExistsAsync(cancellationToken: cancellationToken)).ConfigureAwait(false);
    }
}
