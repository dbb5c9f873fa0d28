using System.Diagnostics;
using Azure.Data.Tables;
using ServerlessTrace.Benchmarks.Posts;
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
            ("OTLP posts of 512 spans, 4 in flight", () => PostBenchmark.RunAsync(singles)),
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
        Measurement measured = await Measurement.OfAsync(service, $"{files.Count} files", SpansPerFile * Files, async () =>
        {
            await UploadAsync(service, files, "measured");
            await service.SealedAsync(warmUp.Count + files.Count);
        });
        return measured.SpansPerSecond;
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

    internal static async Task<double> SingleUpsertsAsync(int spans)
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
