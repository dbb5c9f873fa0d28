using ServerlessTrace.LocalHost;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>
/// An Azurite that no other class uses: for tests whose results other traces would change, or whose settings every host on the storage
/// must have, since hosts on one storage share the work.
/// </summary>
internal sealed class OwnAzurite : IAsyncLifetime
{
    private AzuriteServer? _server;

    /// <summary>A folder of its own, also for the data of hosts that are processes; gone with it.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("serverlesstrace-own-").FullName;

    public string ConnectionString => _server!.ConnectionString;

    public async Task InitializeAsync() => _server = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = Folder, InMemory = true });

    /// <summary>Starts a host on this storage as a process of its own, which can be killed.</summary>
    public Task<HostProcess> StartHostAsync(params (string Name, string Value)[] settings) => HostProcess.StartAsync(ConnectionString, Folder, settings);

    /// <summary>Starts a host with its orchestrations on one of the backends.</summary>
    public Task<HostProcess> StartHostAsync(DurableBackend backend, params (string Name, string Value)[] settings) =>
        StartHostAsync([.. settings, (Product.DurableVariable, backend == DurableBackend.Table ? "table" : "azure-storage")]);

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
