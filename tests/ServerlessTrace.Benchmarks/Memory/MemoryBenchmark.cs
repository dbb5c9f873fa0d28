using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ServerlessTrace.Benchmarks.DropToSealed;
using ServerlessTrace.Generation;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.Benchmarks.Memory;

/// <summary>
/// A file of 1 GiB, uploaded in blocks and taken in by the local host in a process of its own: how much memory that process takes at
/// most, and how fast it is. The sealing of its traces goes on at the same time and is waited for as well.
/// </summary>
internal static class MemoryBenchmark
{
    private const int BudgetMebibytes = 300;
    private const int Mebibyte = 1 << 20;

    public static async Task<int> RunAsync(string? size, bool isCompressed)
    {
        int mebibytes = size is null ? 1_024 : int.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture);
        string folder = Directory.CreateTempSubdirectory("serverlesstrace-memory-").FullName;
        try
        {
            await using AzuriteServer azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder, InMemory = true, HeapMebibytes = 6_000 });
            BlobContainerClient container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("span-logs");
            await container.CreateIfNotExistsAsync();
            (long length, long spans) = await UploadAsync(container, mebibytes * (long)Mebibyte, isCompressed);
            Console.WriteLine($"One {(isCompressed ? "gzip-compressed" : "plain")} file of {length / (double)Mebibyte:N0} MiB with {spans:N0} spans, LocalHost in a process of its own, in-memory Azurite");
            return await MeasureAsync(azurite.ConnectionString, folder, isCompressed ? null : length, spans);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(long Length, long Spans)> UploadAsync(BlobContainerClient container, long wanted, bool isCompressed)
    {
        const int Sample = 10_000;
        using var sample = new MemoryStream();
        new SpanLogGenerator(new GeneratorOptions { Spans = Sample, Seed = 1, Shape = LoadShape.Benchmark }).Write(sample);
        long spans = wanted * Sample / sample.Length;
        BlockBlobClient blob = container.GetBlockBlobClient("huge.ndjson");
        await using (Stream upload = await blob.OpenWriteAsync(overwrite: true, new BlockBlobOpenWriteOptions { BufferSize = 8 * Mebibyte }))
        {
            await using Stream target = isCompressed ? new GZipStream(upload, CompressionLevel.Fastest, leaveOpen: true) : upload;
            new SpanLogGenerator(new GeneratorOptions { Spans = spans, Seed = 1, Shape = LoadShape.Benchmark }).Write(target);
        }

        return ((await blob.GetPropertiesAsync()).Value.ContentLength, spans);
    }

    private static async Task<int> MeasureAsync(string connectionString, string folder, long? length, long spans)
    {
        var watch = Stopwatch.StartNew();
        using LocalHostProcess service = await LocalHostProcess.StartAsync(connectionString, folder);
        Process host = service.Process;
        TimeSpan started = watch.Elapsed;
        var tables = new TableServiceClient(connectionString);
        await WaitAsync(host, async () => await ReadSpansAsync(tables, length) >= spans);
        TimeSpan read = watch.Elapsed - started;
        long peakRead = PeakMebibytes(host);
        Console.WriteLine($"  read and stored   {read.TotalSeconds,8:N1} s  {spans / read.TotalSeconds,10:N0} spans/s   peak resident {peakRead,5} MiB");
        using var http = new HttpClient { BaseAddress = service.Address };
        await WaitAsync(host, async () =>
        {
            using JsonDocument health = JsonDocument.Parse(await http.GetStringAsync(new Uri("api/health", UriKind.Relative)));
            return health.RootElement.GetProperty("openChunks").GetInt32() == 0;
        });
        TimeSpan sealedAfter = watch.Elapsed - started;
        long peak = PeakMebibytes(host);
        Console.WriteLine($"  sealed            {sealedAfter.TotalSeconds,8:N1} s  {spans / sealedAfter.TotalSeconds,10:N0} spans/s   peak resident {peak,5} MiB (budget {BudgetMebibytes})");
        return peak <= BudgetMebibytes ? 0 : 1;
    }

    private static async Task<long> ReadSpansAsync(TableServiceClient tables, long? length)
    {
        long spans = 0;
        long bytes = 0;
        await foreach (TableEntity receipt in tables.GetTableClient("Receipts").QueryAsync<TableEntity>(select: ["Spans", "Bytes"]))
        {
            spans += receipt.GetInt64("Spans") ?? 0;
            bytes += receipt.GetInt64("Bytes") ?? 0;
        }

        return length is null || bytes >= length ? spans : 0;
    }

    private static async Task WaitAsync(Process host, Func<Task<bool>> isDone)
    {
        while (!await isDone())
        {
            if (host.HasExited)
            {
                throw new InvalidOperationException($"The host ended with {host.ExitCode}.");
            }

            await Task.Delay(100);
        }
    }

    // Linux counts it; elsewhere .NET's own peak serves.
    private static long PeakMebibytes(Process host)
    {
        string status = $"/proc/{host.Id}/status";
        if (File.Exists(status) && File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line)
        {
            return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB ").Trim(), NumberStyles.None, CultureInfo.InvariantCulture) / 1_024;
        }

        host.Refresh();
        return host.PeakWorkingSet64 / Mebibyte;
    }
}
