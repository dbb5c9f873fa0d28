using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Azure.Storage.Blobs;
using ServerlessTrace.Storage;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>Drops sample span logs in as any client would, prints the report of the payment that failed in them, and shows a latency alert.</summary>
internal sealed class Demo(ServerlessTraceHost host, DemoReceiver receiver, HostConsole console)
{
    private const string FailingTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string Compressed = "database.ndjson";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "Samples");

    private readonly BlobContainerClient _container = new BlobServiceClient(host.ConnectionString).GetBlobContainerClient(StorageNames.SpanLogs);

    /// <exception cref="HostStartException">The trace was not sealed in time, or the alert did not come.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await DropSamplesAsync(cancellationToken);
        using HttpClient client = Connect();
        await WaitUntilSealedAsync(client, cancellationToken);
        console.Text(await client.GetStringAsync($"api/traces/{FailingTrace}/report?format=text", cancellationToken));
        await new AlertDemo(client, _container, receiver, console).RunAsync(cancellationToken);
    }

    public void DescribeUrls()
    {
        console.Heading("Go on with (each needs the key):");
        foreach (string path in new[] { "api/traces", $"api/traces/{FailingTrace}", $"api/traces/{FailingTrace}/report", "api/receipts", $"api/webhooks/{AlertDemo.Webhook}/deliveries" })
        {
            console.Text($"  {new Uri(host.Functions.BaseAddress, path)}");
        }
    }

    private HttpClient Connect()
    {
        var client = new HttpClient { BaseAddress = host.Functions.BaseAddress };
        client.DefaultRequestHeaders.Add("x-functions-key", host.Functions.Keys.Function);
        return client;
    }

    private async Task DropSamplesAsync(CancellationToken cancellationToken)
    {
        foreach (string file in Directory.EnumerateFiles(Samples).Order(StringComparer.Ordinal))
        {
            string name = "demo/" + Path.GetFileName(file);
            await using Stream content = Path.GetFileName(file) == Compressed ? await GzipAsync(file, cancellationToken) : File.OpenRead(file);
            await _container.GetBlobClient(name).UploadAsync(content, overwrite: true, cancellationToken);
            console.Progress($"Dropped {name}");
        }
    }

    /// <summary>One of the samples arrives compressed, under a name that does not say so: content decides.</summary>
    private static async Task<Stream> GzipAsync(string file, CancellationToken cancellationToken)
    {
        var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        await using (FileStream plain = File.OpenRead(file))
        {
            await plain.CopyToAsync(gzip, cancellationToken);
        }

        compressed.Position = 0;
        return compressed;
    }

    private async Task WaitUntilSealedAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            while (!await IsSealedAsync(client, limit.Token))
            {
                await Task.Delay(100, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HostStartException(
                $"The demo's trace was not sealed within {Patience.TotalSeconds} s: look at {new Uri(host.Functions.BaseAddress, "api/receipts")} and try again.");
        }
    }

    private static async Task<bool> IsSealedAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.GetAsync($"api/traces/{FailingTrace}", cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        using JsonDocument trace = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return trace.RootElement.TryGetProperty("sealed", out JsonElement isSealed) && isSealed.GetBoolean();
    }
}
