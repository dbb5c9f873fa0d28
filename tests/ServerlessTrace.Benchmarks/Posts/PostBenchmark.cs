using System.Diagnostics;
using System.Runtime;
using System.Text.Json;
using Azure.Data.Tables;
using ServerlessTrace.Benchmarks.DropToSealed;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.Benchmarks.Posts;

/// <summary>
/// OTLP posts to sealed and searchable traces, on the local host and an in-memory Azurite. The host is in this process and the sender is not: what is counted here
/// is the service's processor time, the storage client's and sealing included. Budgets are printed beside what is measured.
/// </summary>
internal static class PostBenchmark
{
    private const int PostsInFlight = 4;
    private const int MeasuredPosts = 780;
    private const int SparsePosts = 200;
    private const int PostsARound = 200;
    private const int MostRounds = 10;
    private const int ColdSpans = 200_000;

    /// <summary>Methods compiled in a round below which the code counts as warm.</summary>
    private const int FewMethods = 60;

    /// <param name="only"><c>warm</c> or <c>cold</c>; both if null.</param>
    public static async Task RunAsync(string? only)
    {
        Console.WriteLine($"OTLP posts of {PostSender.SpansPerPost} spans on the local host and an in-memory Azurite, the sender in a process of its own");
        if (only is null or "cold")
        {
            await PostColdAsync();
        }

        if (only is null or "warm")
        {
            double singles = await ThroughputBenchmark.SingleUpsertsAsync(30_000);
            Console.WriteLine($"  one entity a span, single upserts, 32 in flight: {singles:N0} spans/s");
            await RunAsync(singles);
        }
    }

    /// <summary>Measures a warm host; returns spans a second, to sealed traces.</summary>
    /// <param name="singles">Single upserts a second, in the same run.</param>
    public static async Task<double> RunAsync(double singles)
    {
        await using LocalService service = await LocalService.StartAsync();
        using PostSender sender = PostSender.Start(service.Host.BaseAddress, service.Host.Keys.Function);
        await WarmUpAsync(service, sender);
        await sender.PrepareAsync(MeasuredPosts, seed: 1);
        const int Spans = PostSender.SpansPerPost * MeasuredPosts;
        Measurement measured = await Measurement.OfAsync(service, $"{MeasuredPosts} posts, {PostsInFlight} in flight", Spans, async () =>
        {
            // Once acknowledged, their chunks are there.
            await sender.SendAsync(PostsInFlight);
            await service.SealedAsync(0);
        });
        Print("x single upserts", measured.SpansPerSecond / singles, "at least 22");
        Print("storage requests per 1,000 spans", measured.RequestsPerThousand, "at most 8");
        Print("us of processor a span", measured.ProcessorMicroseconds, "at most 12");
        await PostSparselyAsync(service, sender, pauseMs: 200, seed: 100_000);
        await PostSparselyAsync(service, sender, pauseMs: 30, seed: 200_000);
        Console.WriteLine("  budget at low load: p99 at most 50 ms");
        double alone = CpuBenchmark.RunOtlp();
        Print("x reading, packing, sealing alone", measured.ProcessorMicroseconds / alone, "12 us where that takes 3.7 us: at most 3.2");
        return measured.SpansPerSecond;
    }

    private static async Task PostSparselyAsync(LocalService service, PostSender sender, int pauseMs, int seed)
    {
        await sender.PrepareAsync(SparsePosts, seed);
        using var done = new CancellationTokenSource();
        Task<List<double>> upserts = UpsertAsync(service, done.Token);
        List<Acknowledgement> sparse = await sender.SendAsync(1, pauseMs);
        await done.CancelAsync();
        Waits.Print($"one each {pauseMs} ms", [.. sparse.Select(time => time.AfterMs)]);
        Waits.Print("  upserts meanwhile", await upserts);
    }

    /// <summary>The yardstick for acknowledgements: what storage alone takes at the same time.</summary>
    private static async Task<List<double>> UpsertAsync(LocalService service, CancellationToken cancellationToken)
    {
        TableClient table = service.Tables.GetTableClient("Yardstick");
        await table.CreateIfNotExistsAsync(CancellationToken.None);
        var times = new List<double>();
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Random.Shared.Next(10, 50), CancellationToken.None);
            long start = Stopwatch.GetTimestamp();
            await table.UpsertEntityAsync(new TableEntity("y", "y"), TableUpdateMode.Replace, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    /// <summary>Posts until little is compiled any more.</summary>
    private static async Task WarmUpAsync(LocalService service, PostSender sender)
    {
        int posted = 0;
        for (int round = 0; round < MostRounds; round++, posted += PostsARound)
        {
            await sender.PrepareAsync(PostsARound, 1_000 + posted);
            long before = JitInfo.GetCompiledMethodCount();
            await sender.SendAsync(PostsInFlight);
            await service.SealedAsync(0);
            if (JitInfo.GetCompiledMethodCount() - before < FewMethods)
            {
                break;
            }
        }

        Console.WriteLine($"  warm after {posted} posts");
    }

    /// <summary>The first post of a host that has just started, as <c>dotnet run</c> starts it: what it costs is mostly compiling.</summary>
    private static async Task PostColdAsync()
    {
        await using LocalService storage = await LocalService.StartAzuriteAsync();
        string data = Directory.CreateTempSubdirectory("serverlesstrace-benchmark-").FullName;
        string built = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory))!);
        try
        {
            using LocalHostProcess host = await LocalHostProcess.StartAsync(
                storage.Azurite.ConnectionString, data, Path.Combine(RepositoryRoot.Path, "functions", "ServerlessTrace.LocalHost", "bin", built, "net10.0"));
            await PostColdAsync(host);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task PostColdAsync(LocalHostProcess host)
    {
        const int Posts = (ColdSpans + PostSender.SpansPerPost - 1) / PostSender.SpansPerPost;
        using PostSender sender = PostSender.Start(host.Address, host.Key);
        await sender.PrepareAsync(Posts, seed: 1);
        using var http = new HttpClient { BaseAddress = host.Address };
        TimeSpan started = ProcessorTime(host);
        Console.WriteLine(
            $"  a host that has just started, {started.TotalSeconds:N2} s of processor for that; its first {ColdSpans:N0} spans, {PostsInFlight} posts in flight:");
        var watch = Stopwatch.StartNew();
        List<Acknowledgement> times = await sender.SendAsync(PostsInFlight);
        Print("acknowledged");
        while (true)
        {
            using JsonDocument health = JsonDocument.Parse(await http.GetStringAsync(new Uri("api/health", UriKind.Relative)));
            if (health.RootElement.GetProperty("openChunks").GetInt32() == 0)
            {
                break;
            }

            await Task.Delay(100);
        }

        Print("sealed");
        Console.WriteLine($"    first post acknowledged after {times[0].AfterMs:N0} ms; in the first second {Within(1):N0} spans, in the first two {Within(2):N0}");

        int Within(int seconds) => times.Count(time => time.AtMs < 1_000 * seconds) * PostSender.SpansPerPost;

        void Print(string what) => Console.WriteLine(
            $"    {what,-14} after {watch.Elapsed.TotalSeconds,6:N2} s, {(ProcessorTime(host) - started).TotalSeconds,6:N2} s of processor");
    }

    private static TimeSpan ProcessorTime(LocalHostProcess host)
    {
        host.Process.Refresh();
        return host.Process.TotalProcessorTime;
    }

    private static void Print(string what, double value, string budget) => Console.WriteLine($"  {value,8:N1} {what,-36} budget: {budget}");
}
