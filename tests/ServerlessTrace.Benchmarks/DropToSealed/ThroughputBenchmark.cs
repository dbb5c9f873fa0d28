using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>
/// From dropped files to sealed and searchable traces on the local host and Azurite, client included, all on this machine:
/// spans a second, storage requests, rows. Yardsticks on the same kind of Azurite: one entity a span, by single upserts and in
/// 100-row transactions, 32 in flight.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int SpansPerFile = 10_000;
    private const int Files = 40;
    private const int WarmUpFiles = 20;
    private const int InFlight = 32;
    private const int SpansPerPost = 512;
    private const int PostsInFlight = 4;
    private const int WarmUpPosts = 200;
    private const int MeasuredPosts = 780;
    private const int SparsePosts = 200;

    /// <param name="only">Runs only what begins so, and the yardstick; all if null.</param>
    public static async Task RunAsync(string? only)
    {
        Console.WriteLine($"Drop to sealed on the local host and an in-memory Azurite: {SpansPerFile * Files:N0} spans of the benchmark load");
        double singles = 0;
        (string Name, Func<Task<double>> Run)[] runs =
        [
            ("one entity a span, single upserts, 32 in flight", () => SingleUpsertsAsync(30_000)),
            ("one entity a span, 100-row transactions", () => TransactionsAsync(100_000)),
            ("span logs, files of 10,000 spans", () => DropAsync(SpanLogs)),
            ("span logs, one file per service", () => DropAsync(ByService)),
            ("OTLP protobuf, files of 10,000 spans", () => DropAsync(OtlpProtobuf)),
            ("OTLP posts of 512 spans, 4 in flight", PostAsync),
        ];
        foreach ((string name, Func<Task<double>> run) in runs.Where((run, i) => only is null || i == 0 || run.Name.StartsWith(only, StringComparison.Ordinal)))
        {
            double spansPerSecond = await run();
            Print(name, spansPerSecond, singles);
            singles = singles == 0 ? spansPerSecond : singles;
        }
    }

    private static async Task<double> DropAsync(Func<int, ulong, List<byte[]>> generate)
    {
        await using LocalService service = await LocalService.StartAsync();
        List<byte[]> warmUp = generate(WarmUpFiles, 1_000);
        await UploadAsync(service, warmUp, "warm-up");
        await service.SealedAsync(warmUp.Count);

        List<byte[]> files = generate(Files, 1);
        return await MeasureAsync(service, $"{files.Count} files", SpansPerFile * Files, SpansPerFile * WarmUpFiles, async () =>
        {
            await UploadAsync(service, files, "measured");
            await service.SealedAsync(warmUp.Count + files.Count);
        });
    }

    private static async Task<double> PostAsync()
    {
        await using LocalService service = await LocalService.StartAsync();
        await PostAsync(service, Posts(WarmUpPosts, 1_000), PostsInFlight);
        await service.SealedAsync(0);
        List<byte[]> posts = Posts(MeasuredPosts, 1);
        double spansPerSecond = await MeasureAsync(service, $"{posts.Count} posts", SpansPerPost * MeasuredPosts, TracesOf(WarmUpPosts) * 10, async () =>
        {
            // Once acknowledged, their chunks are there.
            await PostAsync(service, posts, PostsInFlight);
            await service.SealedAsync(0);
        });
        var random = new Random(1);
        Waits.Print("one at a time", await PostAsync(service, Posts(SparsePosts, 5_000), 1, () => random.Next(10, 50)));
        return spansPerSecond;
    }

    /// <summary>Posts, and returns after how many ms each was acknowledged.</summary>
    private static async Task<List<double>> PostAsync(LocalService service, List<byte[]> posts, int inFlight, Func<int>? pause = null)
    {
        var acknowledged = new ConcurrentBag<double>();
        await Parallel.ForEachAsync(posts, new ParallelOptions { MaxDegreeOfParallelism = inFlight }, async (post, token) =>
        {
            await Task.Delay(pause?.Invoke() ?? 0, token);
            using var content = new ByteArrayContent(post);
            content.Headers.ContentType = new("application/x-protobuf");
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await service.Http.PostAsync(new Uri("v1/traces", UriKind.Relative), content, token);
            response.EnsureSuccessStatusCode();
            acknowledged.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        });
        return [.. acknowledged];
    }

    /// <summary>One request a post, of as many whole traces as make 512 spans or just more.</summary>
    private static List<byte[]> Posts(int posts, ulong seed)
    {
        var bodies = new List<byte[]>(posts);
        var writer = new OtlpProtobufWriter();
        for (int i = 0; i < posts; i++)
        {
            var batch = new SpanBatch();
            BenchmarkFiles.Generator(SpansPerPost, seed + (ulong)i).Next(batch);
            var body = new ArrayBufferWriter<byte>();
            writer.Write(batch, body, framed: false);
            bodies.Add(body.WrittenSpan.ToArray());
        }

        return bodies;
    }

    private static int TracesOf(int posts) => posts * ((SpansPerPost + 9) / 10);

    private static async Task<double> MeasureAsync(LocalService service, string what, int spans, int spansBefore, Func<Task> run)
    {
        long requestsBefore = service.Host.StorageRequests.Total;
        var operationsBefore = service.Host.StorageRequests.ByOperation.ToDictionary(pair => pair.Key, pair => pair.Value);
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        TimeSpan azuriteBefore = service.AzuriteProcessorTime;
        var watch = Stopwatch.StartNew();
        await run();
        watch.Stop();
        double requests = service.Host.StorageRequests.Total - requestsBefore;
        TimeSpan cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        TimeSpan azurite = service.AzuriteProcessorTime - azuriteBefore;
        int traces = await service.CountAsync("Traces") - (spansBefore / 10);
        int resealed = await RevisionsAsync(service);
        long rows = traces + Rows(service, operationsBefore);
        Console.WriteLine(
            $"    {watch.Elapsed.TotalSeconds:N2} s for {what}; {traces:N0} traces, {resealed} of them resealed; "
            + $"{requests / spans * 1_000:N1} storage requests per 1,000 spans; {rows / (double)traces:N2} rows written or deleted a trace; processor time {cpu.TotalSeconds:N1} s here ({cpu.TotalMicroseconds / spans:N1} us a span), {azurite.TotalSeconds:N1} s in Azurite");
        foreach ((string operation, long count) in service.Host.StorageRequests.ByOperation.OrderByDescending(pair => pair.Value).Take(12))
        {
            Console.WriteLine($"      {operation,-44} {count - operationsBefore.GetValueOrDefault(operation),8:N0}");
        }

        return spans / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Rows written or deleted beside the traces' own: each chunk is written and deleted, each turn of a window is one row or two.</summary>
    private static long Rows(LocalService service, Dictionary<string, long> before)
    {
        long Count(string table, int rowsARequest) => rowsARequest * service.Host.StorageRequests.ByOperation
            .Where(pair => pair.Key.EndsWith(' ' + table, StringComparison.Ordinal) && !pair.Key.StartsWith("GET", StringComparison.Ordinal))
            .Sum(pair => pair.Value - before.GetValueOrDefault(pair.Key));
        return Count("SpanChunks", 2) + Count("TraceBlocks", 1) + Count("Receipts", 1) + Count("ServerlessTraceInstances", 2);
    }

    private static async Task<int> RevisionsAsync(LocalService service)
    {
        string json = await service.Http.GetStringAsync(new Uri("api/traces?limit=500", UriKind.Relative));
        using var page = System.Text.Json.JsonDocument.Parse(json);
        return page.RootElement.GetProperty("traces").EnumerateArray().Count(trace => trace.GetProperty("revision").GetInt32() > 1);
    }

    private static Task UploadAsync(LocalService service, List<byte[]> files, string prefix) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, files.Count),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (i, token) => await service.SpanLogs.GetBlobClient($"{prefix}/{i:d4}").UploadAsync(BinaryData.FromBytes(files[i]), token));

    private static List<byte[]> SpanLogs(int files, ulong seed) =>
        [.. Enumerable.Range(0, files).Select(i => BenchmarkFiles.SpanLog(SpansPerFile, seed + (ulong)i))];

    private static List<byte[]> OtlpProtobuf(int files, ulong seed) =>
        [.. Enumerable.Range(0, files).Select(i => BenchmarkFiles.OtlpProtobuf(SpansPerFile, seed + (ulong)i))];

    private static List<byte[]> ByService(int files, ulong seed)
    {
        var streams = new Dictionary<string, MemoryStream>(StringComparer.Ordinal);
        BenchmarkFiles.Generator(SpansPerFile * files, seed).WriteByService(service =>
        {
            if (!streams.TryGetValue(service, out MemoryStream? stream))
            {
                streams[service] = stream = new MemoryStream();
            }

            return stream;
        });
        return [.. streams.Values.Select(stream => stream.ToArray())];
    }

    private static async Task<double> SingleUpsertsAsync(int spans)
    {
        await using LocalService service = await LocalService.StartAzuriteAsync();
        TableClient table = service.Tables.GetTableClient("SpanEntities");
        await table.CreateAsync();
        List<TableEntity> entities = Entities(spans);
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            entities,
            new ParallelOptions { MaxDegreeOfParallelism = InFlight },
            async (entity, token) => await table.UpsertEntityAsync(entity, TableUpdateMode.Replace, token));
        return spans / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> TransactionsAsync(int spans)
    {
        await using LocalService service = await LocalService.StartAzuriteAsync();
        TableClient table = service.Tables.GetTableClient("SpanEntities");
        await table.CreateAsync();
        List<TableEntity[]> groups = [.. Entities(spans).GroupBy(entity => entity.PartitionKey).SelectMany(group => group.Chunk(100))];
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            groups,
            new ParallelOptions { MaxDegreeOfParallelism = InFlight },
            async (group, token) => await table.SubmitTransactionAsync(
                group.Select(entity => new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity)), token));
        return spans / watch.Elapsed.TotalSeconds;
    }

    /// <summary>One entity a span, with its attributes as properties, as a simple design would store it.</summary>
    private static List<TableEntity> Entities(int spans)
    {
        var entities = new List<TableEntity>(spans);
        SpanLogGenerator generator = BenchmarkFiles.Generator(spans, 7);
        var batch = new SpanBatch();
        while (generator.Next(batch))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                SpanRecord span = batch[i];
                var entity = new TableEntity($"s{span.TraceId.Low & 15:x}", $"{span.TraceId}-{span.SpanId}")
                {
                    ["ParentSpanId"] = span.ParentSpanId.ToString(),
                    ["Service"] = batch.Text(span.Service),
                    ["Name"] = batch.Text(span.Name),
                    ["Start"] = span.Start,
                    ["End"] = span.End,
                };
                foreach (SpanAttribute attribute in batch.Attributes(in span))
                {
                    string key = batch.Text(attribute.Key).Replace('.', '_');
                    entity[key] = attribute.IsText ? batch.Text(attribute.Text) : attribute.Bits;
                }

                entities.Add(entity);
            }
        }

        return entities;
    }

    private static void Print(string what, double spansPerSecond, double yardstick) =>
        Console.WriteLine($"  {what,-52} {spansPerSecond,10:N0} spans/s{(yardstick > 1 ? $"   {spansPerSecond / yardstick,6:N1} x single upserts" : string.Empty)}");
}
