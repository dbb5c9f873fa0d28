using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Generation;

namespace ServerlessTrace.EndToEnd.Tests.Growing;

/// <summary>A test with an Azurite and a folder of its own, on blobs that are read in parts.</summary>
public abstract class GrowingTest : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    internal static Dictionary<string, string> Settings { get; } = new()
    {
        ["Seal:Window"] = "00:00:00.500",
        ["Seal:QuietPeriod"] = "00:00:02",
        ["Ingest:AppendQuietPeriod"] = "00:00:03",
        ["Ingest:ClaimPeriod"] = "00:00:05",
    };

    internal string ConnectionString => _azurite.ConnectionString;

    internal string Folder => _azurite.Folder;

    internal BlobContainerClient SpanLogs => new BlobServiceClient(ConnectionString).GetBlobContainerClient("span-logs");

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    internal static byte[] Generate(int spans, ulong seed)
    {
        using var content = new MemoryStream();
        new SpanLogGenerator(new GeneratorOptions { Spans = spans, Seed = seed }).Write(content);
        return content.ToArray();
    }

    /// <summary>What the command line says of a file with that content.</summary>
    internal async Task<Dictionary<string, JsonObject>> AnalyzeAsync(params byte[][] contents)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_azurite.Folder, "expected-" + Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture))).FullName;
        for (int i = 0; i < contents.Length; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{i}.ndjson"), contents[i]);
        }

        return await Offline.AnalyzeAsync(folder);
    }

    internal async Task<AppendBlobClient> NewAppendBlobAsync(string name)
    {
        await SpanLogs.CreateIfNotExistsAsync();
        AppendBlobClient blob = SpanLogs.GetAppendBlobClient(name);
        await blob.CreateAsync(new AppendBlobCreateOptions());
        return blob;
    }

    internal static Task AppendAsync(AppendBlobClient blob, ReadOnlyMemory<byte> content) =>
        blob.AppendBlockAsync(BinaryData.FromBytes(content).ToStream());

    internal static async Task<List<JsonObject>> ReceiptsOfAsync(RunningService service, string name) =>
    [
        .. (await service.ReceiptsAsync())
            .Where(receipt => (string)receipt["source"]! == "span-logs/" + name)
            .OrderBy(receipt => (long?)receipt["range"]?["from"] ?? 0),
    ];

    /// <summary>Waits until a blob has been read up to a length.</summary>
    internal static async Task<List<JsonObject>> ReadToAsync(RunningService service, string name, long length) => await Eventually.GetAsync(
        () => ReceiptsOfAsync(service, name),
        receipts => receipts.Any(receipt => (long)receipt["range"]!["to"]! >= length),
        $"{name} read to {length}");

    /// <summary>Every trace is sealed, and what the command line says; the bytes are covered once by receipts.</summary>
    internal static async Task AssertSameAsync(RunningService service, Dictionary<string, JsonObject> expected)
    {
        await Eventually.GetAsync(
            async () => (int)(await service.GetJsonAsync("api/health"))["openChunks"]!, open => open == 0, "Everything sealed");
        List<JsonObject> listed = await service.TracesAsync();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), listed.Select(trace => (string)trace["traceId"]!).Order(StringComparer.Ordinal));
        foreach (string id in expected.Keys)
        {
            Offline.AssertSame(expected[id], (await service.FindTraceAsync(id))!);
        }
    }

    internal static void AssertCoveredOnce(List<JsonObject> receipts, long length)
    {
        long at = 0;
        foreach (JsonObject range in receipts.Select(receipt => receipt["range"]!.AsObject()))
        {
            Assert.Equal(at, (long)range["from"]!);
            at = (long)range["to"]!;
        }

        Assert.Equal(length, at);
    }
}
