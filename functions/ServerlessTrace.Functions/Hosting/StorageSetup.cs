using Microsoft.Extensions.Hosting;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Hosting;

/// <summary>Creates missing tables, containers and queues before the first function runs.</summary>
public sealed class StorageSetup(StorageClients storage) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => storage.EnsureCreatedAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
