using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>
/// An Azurite that no other class uses: for tests whose results other traces would change, or whose settings every host on the storage
/// must have, since hosts on one storage share the work.
/// </summary>
internal sealed class OwnAzurite : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-own-").FullName;
    private AzuriteServer? _server;

    public string ConnectionString => _server!.ConnectionString;

    public async Task InitializeAsync() => _server = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, InMemory = true });

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
