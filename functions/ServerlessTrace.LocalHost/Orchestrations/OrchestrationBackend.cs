using Azure.Data.Tables;
using Azure.Storage.Blobs;
using DurableTask.AzureStorage;
using DurableTask.Core;
using ServerlessTrace.LocalHost.Orchestrations.Table;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>Where instances are kept.</summary>
/// <param name="Service">The worker's side.</param>
/// <param name="Client">The client's side, which can query and purge, too.</param>
internal sealed record OrchestrationBackend(IOrchestrationService Service, IOrchestrationServiceClient Client)
{
    /// <summary>One table: fast, and with few requests, on the storage emulator.</summary>
    public static OrchestrationBackend OnTable(
        string hubName, TableServiceClient tables, BlobServiceClient blobs, TableOrchestrationOptions options, TimeProvider time, ILoggerFactory loggers)
    {
#pragma warning disable CA1308 // Container names are lower case.
        BlobContainerClient spills = blobs.GetBlobContainerClient(hubName.ToLowerInvariant() + "-spilled");
#pragma warning restore CA1308
        ILogger logger = loggers.CreateLogger<TableOrchestrationService>();
        var hub = new InstanceHub(new InstanceTable(tables.GetTableClient(hubName + "Orchestrations"), spills), options, time, logger);
        return new OrchestrationBackend(new TableOrchestrationService(hub, logger), new TableOrchestrationClient(hub));
    }

    /// <summary>The backend that Durable Functions use on Azure by default.</summary>
    public static OrchestrationBackend OnAzureStorage(AzureStorageOrchestrationServiceSettings settings)
    {
        var service = new AzureStorageOrchestrationService(settings);
        return new OrchestrationBackend(service, service);
    }
}
