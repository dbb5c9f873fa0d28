using System.Text.Json;
using Azure.Storage.Blobs;
using ServerlessTrace.LocalHost;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Html.Tests.Web;

/// <summary>The real service on real storage, with the demo's traces and one whose every name tries to break out of the page.</summary>
public sealed class WebFixture : IAsyncLifetime
{
    /// <summary>What somebody might put into a name.</summary>
    public const string Evil = "<img src=x onerror=alert(1)>\"'</script>";

    private const string EvilTrace = "badbadbadbadbadbadbadbadbadbadba";
    private readonly AzuriteFixture _azurite = new();
    private LocalFunctionHost? _host;

    internal Uri Address => _host!.BaseAddress;

    internal string Key => _host!.Keys.Function;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        LocalFunctionHostOptions options = Product.Options(_azurite.ConnectionString, port: 0);
        options.Settings["Seal:Window"] = "00:00:00.500";
        options.Settings["Seal:QuietPeriod"] = "00:00:02";
        _host = await LocalFunctionHost.StartAsync(options);
        using (var http = new HttpClient { BaseAddress = Address })
        {
            http.DefaultRequestHeaders.Add("x-functions-key", Key);
            using HttpResponseMessage rule = await http.PutAsync(
                new Uri("api/alert-rules/slow-requests", UriKind.Relative), new StringContent("""{"kind":"trace-duration","over":"3s","severity":"critical"}"""));
            rule.EnsureSuccessStatusCode();
        }

        BlobContainerClient logs = new BlobServiceClient(_azurite.ConnectionString).GetBlobContainerClient("span-logs");
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Samples")))
        {
            await logs.GetBlobClient($"web/{Path.GetFileName(file)}").UploadAsync(file, overwrite: true);
        }

        await logs.GetBlobClient("web/evil.ndjson").UploadAsync(BinaryData.FromString(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["trace_id"] = EvilTrace, ["span_id"] = "b7ad6b7169203331", ["service"] = "svc " + Evil, ["span_name"] = "op " + Evil, ["event"] = "span_end",
            ["timestamp"] = "2026-02-26T18:00:40Z", ["duration_ms"] = 5, ["status"] = "OK",
        }) + "\nnot a record\n"), overwrite: true);
        await WaitForTracesAsync();
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _azurite.DisposeAsync();
    }

    private async Task WaitForTracesAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        http.DefaultRequestHeaders.Add("x-functions-key", Key);
        string found = string.Empty;
        for (int attempt = 0; attempt < 240; attempt++)
        {
            found = await http.GetStringAsync(new Uri("api/traces?limit=500", UriKind.Relative));
            if (found.Contains(EvilTrace, StringComparison.Ordinal) && found.Contains("0af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal)
                && found.Contains("5e771e0a1b2c3d4e5f60718293a4b5c6", StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(250);
        }

        throw new TimeoutException($"The traces were not sealed: {found}");
    }
}
