using System.Net;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>A running LocalHost, seen from outside: its storage, its HTTP API, its key.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly LocalFunctionHost? _host;

    public RunningService(Uri address, string key, string connectionString, LocalFunctionHost? host = null)
    {
        _host = host;
        ConnectionString = connectionString;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        Http.DefaultRequestHeaders.Add("x-functions-key", key);
        Anonymous = new HttpClient { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public HttpClient Anonymous { get; }

    public string ConnectionString { get; }

    public LocalFunctionHost Host => _host ?? throw new InvalidOperationException("It runs in another process.");

    public BlobContainerClient SpanLogs => new BlobServiceClient(ConnectionString).GetBlobContainerClient("span-logs");

    public BlobContainerClient Rejected => new BlobServiceClient(ConnectionString).GetBlobContainerClient("rejected");

    public QueueClient Queue(string name = "span-logs") => new(ConnectionString, name);

    /// <summary>Starts the product in this process, as the executable does, but for functions it shall do without.</summary>
    public static Task<RunningService> StartAsync(string connectionString, IReadOnlyDictionary<string, string>? settings = null, params Type[] without) =>
        StartAsync(connectionString, settings, static _ => { }, without);

    /// <summary>Starts the product in this process with its orchestrations on one of the backends.</summary>
    public static Task<RunningService> StartAsync(string connectionString, DurableBackend backend, IReadOnlyDictionary<string, string>? settings = null) =>
        StartAsync(connectionString, settings, options => options.Durable = backend);

    /// <summary>Starts the product in this process with other options.</summary>
    public static async Task<RunningService> StartAsync(
        string connectionString, IReadOnlyDictionary<string, string>? settings, Action<LocalFunctionHostOptions> adjust, params Type[] without)
    {
        LocalFunctionHostOptions options = Product.Options(connectionString, port: 0);
        foreach ((string name, string value) in settings ?? new Dictionary<string, string>())
        {
            options.Settings[name] = value;
        }

        foreach (Type function in without)
        {
            options.FunctionClasses.Remove(function);
        }

        adjust(options);
        LocalFunctionHost host = await LocalFunctionHost.StartAsync(options);
        return new RunningService(host.BaseAddress, host.Keys.Function, connectionString, host);
    }

    public Task DropAsync(string name, string content) => DropAsync(name, BinaryData.FromString(content));

    public Task DropAsync(string name, BinaryData content) => SpanLogs.GetBlobClient(name).UploadAsync(content, overwrite: true);

    public async Task<JsonObject?> FindTraceAsync(string id)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri($"api/traces/{id}", UriKind.Relative));
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }

    /// <summary>A trace once it is there and as asked for.</summary>
    public async Task<JsonObject> TraceAsync(string id, Func<JsonObject, bool>? isDone = null, string what = "")
    {
        JsonObject? trace = await Eventually.GetAsync(
            () => FindTraceAsync(id), trace => trace is not null && (isDone ?? IsSealed)(trace), $"Trace {id} {(what.Length > 0 ? what : "sealed")}");
        return trace!;
    }

    public static bool IsSealed(JsonObject trace) => (bool)trace["sealed"]!;

    public async Task<JsonObject> GetJsonAsync(string path)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }

    /// <summary>The receipt of the newest source of a name, once it is written.</summary>
    public async Task<JsonObject> ReceiptAsync(string source)
    {
        JsonObject? receipt = await Eventually.GetAsync(
            async () => (await ReceiptsAsync()).FirstOrDefault(receipt => ((string)receipt["source"]!).Contains(source, StringComparison.Ordinal)),
            receipt => receipt is not null,
            $"A receipt of {source}");
        return receipt!;
    }

    public Task<List<JsonObject>> ReceiptsAsync() => PagesAsync("api/receipts?limit=500", "receipts");

    public Task<List<JsonObject>> TracesAsync(string query = "limit=500") => PagesAsync("api/traces?" + query, "traces");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Anonymous.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    private async Task<List<JsonObject>> PagesAsync(string path, string property)
    {
        var items = new List<JsonObject>();
        string? cursor = null;
        do
        {
            JsonObject page = await GetJsonAsync(cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}");
            items.AddRange(page[property]!.AsArray().Select(item => item!.AsObject()));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        return items;
    }
}
