using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.Storage.Telemetry;

namespace ServerlessTrace.Functions.Hosting;

/// <summary>The storage account of the setting <c>AzureWebJobsStorage</c>, which the Functions host, its triggers and its task hub read, too.</summary>
public static class StorageAccount
{
    private const string Setting = "AzureWebJobsStorage";

    /// <summary>Adds the clients of the account: by its connection string, or by its name or endpoints and <see cref="Credential"/>.</summary>
    /// <exception cref="InvalidOperationException">No setting names an account.</exception>
    public static IServiceCollection AddStorageAccount(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IConfigurationSection account = configuration.GetSection(Setting);
        TableClientOptions tables = Counted(new TableClientOptions(), "table");
        BlobClientOptions blobs = Counted(new BlobClientOptions(), "blob");
        QueueClientOptions queues = Counted(new QueueClientOptions(), "queue");
        if (account.Value is { Length: > 0 } connectionString)
        {
            return services
                .AddSingleton(new TableServiceClient(connectionString, tables))
                .AddSingleton(new BlobServiceClient(connectionString, blobs))
                .AddSingleton(new QueueServiceClient(connectionString, queues));
        }

        TokenCredential credential = Credential(configuration);
        return services
            .AddSingleton(new TableServiceClient(Endpoint(account, "table"), credential, tables))
            .AddSingleton(new BlobServiceClient(Endpoint(account, "blob"), credential, blobs))
            .AddSingleton(new QueueServiceClient(Endpoint(account, "queue"), credential, queues));
    }

    /// <summary>The identity that the platform uses for the account: a client id names a user-assigned one. Outside Azure it is the developer's login.</summary>
    public static TokenCredential Credential(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IConfigurationSection account = configuration.GetSection(Setting);
        if (account["clientId"] is { Length: > 0 } clientId)
        {
            return new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
        }

        return string.Equals(account["credential"], "managedidentity", StringComparison.OrdinalIgnoreCase)
            ? new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential();
    }

    private static Uri Endpoint(IConfigurationSection account, string service)
    {
        if (account[$"{service}ServiceUri"] is { Length: > 0 } uri)
        {
            return new Uri(uri);
        }

        return account["accountName"] is { Length: > 0 } name
            ? new Uri($"https://{name}.{service}.core.windows.net")
            : throw new InvalidOperationException($"No storage account: set {Setting}, {Setting}__accountName or {Setting}__{service}ServiceUri.");
    }

    private static TOptions Counted<TOptions>(TOptions options, string service)
        where TOptions : ClientOptions
    {
        options.AddPolicy(new StorageOperations(service), HttpPipelinePosition.PerRetry);
        return options;
    }
}
