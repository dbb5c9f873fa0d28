using Azure.Storage.Blobs;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.LocalHost.Azurite;
using ServerlessTrace.LocalHost.Drop;
using ServerlessTrace.LocalHost.Triggers.Http;
using ServerlessTrace.Storage;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>All of ServerlessTrace on one machine: storage, functions and, if wanted, a drop folder.</summary>
internal sealed class ServerlessTraceHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private AzuriteServer? _azurite;
    private StorageSizeGuard? _guard;
    private Task _dropping = Task.CompletedTask;

    private ServerlessTraceHost()
    {
    }

    public LocalFunctionHost Functions { get; private set; } = null!;

    public string ConnectionString { get; private set; } = string.Empty;

    /// <summary>Where Azurite keeps its data, or the account that was named.</summary>
    public string StorageDescription { get; private set; } = string.Empty;

    /// <summary>Ends, with a line for the user, when storage ends by itself.</summary>
    public Task<string> StorageEnded => _azurite?.Ended ?? Never.Task;

    private static TaskCompletionSource<string> Never { get; } = new();

    /// <exception cref="HostStartException">Something is in the way; the message says what to do.</exception>
    public static async Task<ServerlessTraceHost> StartAsync(ServeOptions options, HostConsole console, CancellationToken cancellationToken)
    {
        var host = new ServerlessTraceHost();
        try
        {
            await host.StartStorageAsync(options, console, cancellationToken);
            await host.StartFunctionsAsync(options, cancellationToken);
            host.StartDropping(options, console);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops taking, finishes what runs, and then ends Azurite.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _dropping;
        if (Functions is not null)
        {
            await Functions.DisposeAsync();
        }

        _guard?.Dispose();
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task StartStorageAsync(ServeOptions options, HostConsole console, CancellationToken cancellationToken)
    {
        if (options.Storage is { } connection)
        {
            ConnectionString = connection;
            StorageDescription = "as given by --storage";
            return;
        }

        int first = options.StoragePort;
        var azurite = new AzuriteOptions
        {
            Folder = options.Folder,
            InMemory = options.InMemory,
            HeapMebibytes = options.StorageHeap,
            Ports = first == 0 ? default : new AzuritePorts(first, first + 1, first + 2),
        };
        _azurite = await AzuriteServer.StartAsync(azurite, console.Progress, cancellationToken);
        ConnectionString = _azurite.ConnectionString;
        StorageDescription = $"Azurite, {_azurite.DataFolder ?? "in memory"}, ports {_azurite.Ports.Blob} {_azurite.Ports.Queue} {_azurite.Ports.Table}";
        _guard = _azurite.DataFolder is { } data ? new StorageSizeGuard(data, console.Warning) : null;
    }

    private async Task StartFunctionsAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        LocalFunctionHostOptions host = Product.Options(
            ConnectionString,
            options.Port,
            FunctionKeys.ReadOrCreate(Path.Combine(options.Folder, "keys.json")),
            () => _guard?.Refusal,
            static logging => logging.ClearProviders().AddSimpleConsole(static format => format.SingleLine = true)
                .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
                    static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        host.Durable = options.Durable;
        if (options.WebhookHost is { } allowed)
        {
            // By a name of its own, beside those that the user's settings number.
            host.Settings["Webhooks:AllowedHosts:demo"] = allowed;
        }

        Functions = await LocalFunctionHost.StartAsync(host, cancellationToken);
    }

    private void StartDropping(ServeOptions options, HostConsole console)
    {
        if (options.Drop is not { } folder)
        {
            return;
        }

        BlobContainerClient container = Functions.Services.GetRequiredService<StorageClients>().SpanLogs;
        string? memoryFile = options.InMemory ? null : Path.Combine(options.Folder, "dropped.json");
        var drop = new DropFolder(
            Path.GetFullPath(folder),
            container,
            DropMemory.Open(memoryFile, folder, container.Uri),
            name => console.Progress($"Uploaded {PlainText.Line(name)}"),
            Functions.Services.GetRequiredService<ILogger<DropFolder>>());
        _dropping = drop.RunAsync(_stopping.Token);
    }
}
