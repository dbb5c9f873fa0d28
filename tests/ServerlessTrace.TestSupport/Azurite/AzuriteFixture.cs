using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.TestSupport.Azurite;

/// <summary>
/// Real storage for tests: use as <c>IClassFixture&lt;AzuriteFixture&gt;</c>. All classes of a test run share one in-memory Azurite
/// on free ports, which starts with the first and ends with the process; tests keep apart by <see cref="NewName"/>.
/// </summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private static readonly Lazy<Task<AzuriteServer>> Shared = new(StartAsync);
    private AzuriteServer? _server;

    public AzuriteServer Server => _server ?? throw new InvalidOperationException("The fixture is not initialised.");

    public string ConnectionString => Server.ConnectionString;

    public BlobServiceClient Blobs => field ??= new BlobServiceClient(ConnectionString);

    public QueueServiceClient Queues =>
        field ??= new QueueServiceClient(ConnectionString, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });

    public TableServiceClient Tables => field ??= new TableServiceClient(ConnectionString);

    /// <summary>A name, unique in the run, that is valid for containers, queues and tables alike.</summary>
    public static string NewName(string prefix = "t") => $"{prefix}{Guid.NewGuid():n}"[..Math.Min(63, prefix.Length + 20)];

    public async Task InitializeAsync() => _server = await Shared.Value;

    /// <summary>Other classes may still use the server: it ends with the process.</summary>
    public Task DisposeAsync() => Task.CompletedTask;

    private static async Task<AzuriteServer> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;
        AzuriteServer server = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder, InMemory = true });
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(5));
            Directory.Delete(folder, recursive: true);
        };
        return server;
    }
}
