using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServerlessTrace.Functions;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// The settings that the host, the triggers and the task hub read too: one account for everything.
var account = builder.Configuration.GetSection("AzureWebJobsStorage");
if (account.Value is { Length: > 0 } connectionString)
{
    builder.Services.AddSingleton(new TableServiceClient(connectionString));
    builder.Services.AddSingleton(new BlobServiceClient(connectionString));
    builder.Services.AddSingleton(new QueueServiceClient(connectionString));
}
else
{
    var credential = Credential(account);
    builder.Services.AddSingleton(new TableServiceClient(Endpoint(account, "table"), credential));
    builder.Services.AddSingleton(new BlobServiceClient(Endpoint(account, "blob"), credential));
    builder.Services.AddSingleton(new QueueServiceClient(Endpoint(account, "queue"), credential));
}

builder.Services.AddServerlessTrace(builder.Configuration);

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
