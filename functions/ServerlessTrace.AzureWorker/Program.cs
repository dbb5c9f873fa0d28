using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Telemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// The settings that the host, the triggers and the task hub read too: one account for everything.
var account = builder.Configuration.GetSection("AzureWebJobsStorage");
if (account.Value is { Length: > 0 } connectionString)
{
    builder.Services.AddSingleton(new TableServiceClient(connectionString, Counted(new TableClientOptions(), "table")));
    builder.Services.AddSingleton(new BlobServiceClient(connectionString, Counted(new BlobClientOptions(), "blob")));
    builder.Services.AddSingleton(new QueueServiceClient(connectionString, Counted(new QueueClientOptions(), "queue")));
}
else
{
    var credential = Credential(account);
    builder.Services.AddSingleton(new TableServiceClient(Endpoint(account, "table"), credential, Counted(new TableClientOptions(), "table")));
    builder.Services.AddSingleton(new BlobServiceClient(Endpoint(account, "blob"), credential, Counted(new BlobClientOptions(), "blob")));
    builder.Services.AddSingleton(new QueueServiceClient(Endpoint(account, "queue"), credential, Counted(new QueueClientOptions(), "queue")));
}

// The host's filters (host.json) are for its own logs only. Of the worker's, ASP.NET Core writes six for each request.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.DurableTask", LogLevel.Warning);

// Functions that run when an instance is taken away may end: an instance gets an hour on Flex Consumption when it scales in, but
// a deployment or a restart waits only so long.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
builder.Services.AddServerlessTrace(builder.Configuration);

// The host sends its own telemetry (host.json: telemetryMode); the defaults keep the worker from sending the same again.
var telemetry = builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults().ObserveServerlessTrace().ExportByOtlp(builder.Configuration);
if (builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"] is { Length: > 0 })
{
    telemetry.UseAzureMonitorExporter(monitor => monitor.Credential = Credential(account));
}

await builder.Build().RunAsync();

// As the platform reads it: a client id names a user-assigned identity; outside Azure, the developer's own login will do.
static TokenCredential Credential(IConfiguration account)
{
    if (account["clientId"] is { Length: > 0 } clientId)
    {
        return new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
    }

    return string.Equals(account["credential"], "managedidentity", StringComparison.OrdinalIgnoreCase)
        ? new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned)
        : new DefaultAzureCredential();
}

static Uri Endpoint(IConfiguration account, string service)
{
    if (account[$"{service}ServiceUri"] is { Length: > 0 } uri)
    {
        return new Uri(uri);
    }

    return account["accountName"] is { Length: > 0 } name
        ? new Uri($"https://{name}.{service}.core.windows.net")
        : throw new InvalidOperationException(
            $"No storage account: set AzureWebJobsStorage, AzureWebJobsStorage__accountName or AzureWebJobsStorage__{service}ServiceUri.");
}

static TOptions Counted<TOptions>(TOptions options, string service)
    where TOptions : ClientOptions
{
    options.AddPolicy(new StorageOperations(service), HttpPipelinePosition.PerRetry);
    return options;
}
