using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using DurableTask.AzureStorage;
using ServerlessTrace.Storage.Telemetry;

namespace ServerlessTrace.LocalHost.Storage;

/// <summary>The account that a host works on: its clients, all counted by one <see cref="StorageRequests"/>.</summary>
internal sealed class StorageAccount
{
    public StorageAccount(string connectionString, QueueMessageEncoding encoding)
    {
        ConnectionString = connectionString;
        try
        {
            Blobs = new BlobServiceClient(connectionString, Counted(new BlobClientOptions(), "blob"));
            Queues = new QueueServiceClient(connectionString, Counted(new QueueClientOptions { MessageEncoding = encoding }, "queue"));

            // What the host itself writes is never encoded, whatever the functions' queues are.
            PlainQueues = new QueueServiceClient(connectionString, Counted(new QueueClientOptions(), "queue"));
            Tables = new TableServiceClient(connectionString, Counted(new TableClientOptions(), "table"));
        }
        catch (Exception malformed) when (malformed is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new HostStartException($"The storage connection string is malformed: {malformed.Message.ReplaceLineEndings(" ")}", malformed);
        }
    }

    public string ConnectionString { get; }

    public BlobServiceClient Blobs { get; }

    public QueueServiceClient Queues { get; }

    public QueueServiceClient PlainQueues { get; }

    public TableServiceClient Tables { get; }

    public StorageRequests Requests { get; } = new();

    /// <summary>The account, for the Azure Storage backend of durable functions.</summary>
    public StorageAccountClientProvider ForDurableTask() => new(
        StorageServiceClientProvider.ForBlob(ConnectionString, Counted(new BlobClientOptions(), "blob")),
        StorageServiceClientProvider.ForQueue(ConnectionString, Counted(new QueueClientOptions(), "queue")),
        StorageServiceClientProvider.ForTable(ConnectionString, Counted(new TableClientOptions(), "table")));

    /// <summary>Asks storage once whether it is there: the clients' own retries would make a user wait for the bad news.</summary>
    /// <exception cref="HostStartException">It does not answer.</exception>
    public async Task CheckItAnswersAsync(CancellationToken cancellationToken)
    {
        var once = new BlobClientOptions();
        once.Retry.MaxRetries = 0;
        try
        {
            await new BlobServiceClient(ConnectionString, Counted(once, "blob")).GetPropertiesAsync(cancellationToken);
        }
        catch (RequestFailedException silent) when (silent.Status == 0)
        {
            throw new HostStartException(
                $"The storage account does not answer ({silent.GetBaseException().Message}): check the connection string and that the storage runs.", silent);
        }
        catch (RequestFailedException)
        {
            // It answered; a restricted signature may not read these properties.
        }
    }

    private TOptions Counted<TOptions>(TOptions options, string service)
        where TOptions : ClientOptions
    {
        options.AddPolicy(Requests, HttpPipelinePosition.PerRetry);
        options.AddPolicy(new StorageOperations(service), HttpPipelinePosition.PerRetry);
        return options;
    }
}
