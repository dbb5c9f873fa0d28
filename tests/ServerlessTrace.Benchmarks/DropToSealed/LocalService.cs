using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using ServerlessTrace.LocalHost;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>An in-memory Azurite and, on it, the product as the local host runs it.</summary>
internal sealed class LocalService : IAsyncDisposable
{
    private readonly string _folder;
    private LocalFunctionHost? _host;

    private LocalService(string folder, AzuriteServer azurite)
    {
        _folder = folder;
        Azurite = azurite;
        Blobs = new BlobServiceClient(azurite.ConnectionString);
        Tables = new TableServiceClient(azurite.ConnectionString);
    }

    public AzuriteServer Azurite { get; }

    public TimeSpan AzuriteProcessorTime
    {
        get
        {
            using var process = Process.GetProcessById(Azurite.ProcessId);
            return process.TotalProcessorTime;
        }
    }

    public BlobServiceClient Blobs { get; }

    public TableServiceClient Tables { get; }

    public BlobContainerClient SpanLogs => Blobs.GetBlobContainerClient("span-logs");

    public LocalFunctionHost Host => _host ?? throw new InvalidOperationException("The host was not started.");

    public HttpClient Http { get; private set; } = new();

    public static async Task<LocalService> StartAzuriteAsync(int? heapMebibytes = null)
    {
        string folder = Directory.CreateTempSubdirectory("serverlesstrace-benchmark-").FullName;
        return new LocalService(
            folder, await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder, InMemory = true, HeapMebibytes = heapMebibytes }));
    }

    public static async Task<LocalService> StartAsync(IReadOnlyDictionary<string, string>? settings = null, int? heapMebibytes = null)
    {
        LocalService service = await StartAzuriteAsync(heapMebibytes);
        await service.StartHostAsync(settings);
        return service;
    }

    public async Task StartHostAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        LocalFunctionHostOptions options = Product.Options(Azurite.ConnectionString, port: 0);
        foreach ((string name, string value) in settings ?? new Dictionary<string, string>())
        {
            options.Settings[name] = value;
        }

        _host = await LocalFunctionHost.StartAsync(options);
        Http = new HttpClient { BaseAddress = _host.BaseAddress };
        Http.DefaultRequestHeaders.Add("x-functions-key", _host.Keys.Function);
    }

    /// <summary>Waits until so many sources have receipts and nothing is open.</summary>
    public async Task SealedAsync(int sources)
    {
        while (true)
        {
            await Task.Delay(50);
            using JsonDocument health = JsonDocument.Parse(await Http.GetStringAsync(new Uri("api/health", UriKind.Relative)));
            if (health.RootElement.GetProperty("openChunks").GetInt32() == 0 && await CountAsync("Receipts") >= sources)
            {
                return;
            }
        }
    }

    public async Task<int> CountAsync(string table)
    {
        int count = 0;
        await foreach (TableEntity _ in Tables.GetTableClient(table).QueryAsync<TableEntity>(select: ["PartitionKey"]))
        {
            count++;
        }

        return count;
    }

    /// <summary>Whether a trace is readable, and whether it is sealed.</summary>
    public async Task<(bool IsReadable, bool IsSealed)> LookAsync(string trace)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri($"api/traces/{trace}", UriKind.Relative));
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return (false, false);
        }

        using JsonDocument json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (true, json.RootElement.GetProperty("sealed").GetBoolean());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await Azurite.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
