using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.Benchmarks.DropToSealed;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Functions.Alerting.WindowRules;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Benchmarks.Alerts;

/// <summary>
/// Window evaluation of 10,000 series in each of 16 shards: five minutes read from a local Azurite, merged, and judged for each operation by itself;
/// for one rule and for fifty. Yardstick: reading the same blocks alone. With the storage requests of a minute.
/// </summary>
internal static class EvaluationBenchmark
{
    private const int Series = 10_000;
    private const int SeriesPerBlock = 2_500;
    private const int Minutes = 5;
    private const int SamplesPerMinute = 4;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        await using LocalService service = await LocalService.StartAsync();
        DateTimeOffset end = new(DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, TimeSpan.Zero);
        BlockStore blocks = service.Host.Services.GetRequiredService<BlockStore>();
        foreach (Shard shard in Shard.All)
        {
            for (int block = 0; block < Series / SeriesPerBlock; block++)
            {
                var key = new BlockKey(BlockKey.HourOf((end.ToUnixTimeSeconds() - 60) * 1_000_000_000), shard, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), block);
                await blocks.AddAsync(key, [], Measured(end, shard.Number, block), CancellationToken.None);
            }
        }

        Console.WriteLine($"Evaluation of {Series:N0} series x {Shard.Count} shards, {Minutes} minutes of {SamplesPerMinute} samples each, a group a series");
        await ReadAloneAsync(service, end);
        RuleStore rules = service.Host.Services.GetRequiredService<RuleStore>();
        for (int count = 1; count <= 50; count += 49)
        {
            string[] ids = [.. Enumerable.Range(0, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"rule-{n}"))];
            foreach (string id in ids)
            {
                await rules.TryAddAsync(Rule(id), CancellationToken.None);
            }

            await EvaluateAsync(service, ids, end);
        }
    }

    private static TraceAggregates Measured(DateTimeOffset end, int shard, int block)
    {
        var random = new Random((shard * 1_000) + block);
        var sum = new TraceAggregates();
        int last = (int)(end.ToUnixTimeSeconds() / 60);
        for (int n = 0; n < SeriesPerBlock; n++)
        {
            int number = (block * SeriesPerBlock) + n;
            var series = new LatencySeries(
                string.Create(CultureInfo.InvariantCulture, $"service-{number / 100}"), string.Create(CultureInfo.InvariantCulture, $"GET /resource/{number % 100}"), "production", LatencyStep.Span);
            for (int sample = 0; sample < Minutes * SamplesPerMinute; sample++)
            {
                sum.Latency.At(series, last - 1 - (sample % Minutes)).Add((long)(Math.Exp(random.NextDouble() * 4) * 1e6), failed: false, AdjustedCount.One);
            }
        }

        return sum;
    }

    private static async Task ReadAloneAsync(LocalService service, DateTimeOffset end)
    {
        AggregateStore aggregates = service.Host.Services.GetRequiredService<AggregateStore>();
        var times = new List<Cost>();
        for (int round = 0; round < Rounds; round++)
        {
            var start = Cost.Now();
            int read = 0;
            await foreach (TraceAggregates block in aggregates.ReadBlocksAsync(end.AddMinutes(-Minutes), end, CancellationToken.None))
            {
                read += block.Latency.Count;
            }

            times.Add(start.UntilNow());
            if (read != Series * Shard.Count * Minutes)
            {
                throw new InvalidOperationException($"{read} series and minutes were read.");
            }
        }

        Print("reading the blocks alone", times, null);
    }

    private static async Task EvaluateAsync(LocalService service, string[] ids, DateTimeOffset end)
    {
        SeriesEvaluation evaluation = service.Host.Services.GetRequiredService<SeriesEvaluation>();
        var times = new List<Cost>();
        long requests = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = service.Host.StorageRequests.Total;
            var start = Cost.Now();
            await evaluation.EvaluateAsync(ids, end, service.Host.DurableClient, CancellationToken.None);
            times.Add(start.UntilNow());
            requests = service.Host.StorageRequests.Total - before;
        }

        Print($"{ids.Length} rule(s)", times, requests);
    }

    private static AlertRule Rule(string id) => RuleDocument.Read(
        Encoding.UTF8.GetBytes("""{"kind":"window","statistic":"p99","above":"10s","groupBy":["service","operation"]}"""), id).Rule!;

    private static void Print(string what, List<Cost> costs, long? requests)
    {
        double[] wall = [.. costs.Select(cost => cost.WallSeconds).Order()];
        double[] processor = [.. costs.Select(cost => cost.ProcessorSeconds).Order()];
        string asked = requests is null ? string.Empty : $"   {requests} storage requests";
        Console.WriteLine($"  {what,-26} median {wall[wall.Length / 2],6:N2} s   best {wall[0],6:N2} s   processor {processor[processor.Length / 2],6:N2} s{asked}");
    }

    /// <summary>What something took, or, from nothing on, when it began: by the clock, and of all processors in this process.</summary>
    private readonly record struct Cost(double WallSeconds, double ProcessorSeconds)
    {
        public static Cost Now() => new(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency, Environment.CpuUsage.TotalTime.TotalSeconds);

        public Cost UntilNow()
        {
            Cost now = Now();
            return new Cost(now.WallSeconds - WallSeconds, now.ProcessorSeconds - ProcessorSeconds);
        }
    }
}
