using System.Diagnostics;
using System.Runtime;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>What a load cost the host in this process.</summary>
/// <param name="SpansPerSecond">Spans a second.</param>
/// <param name="RequestsPerThousand">Storage requests per 1,000 spans.</param>
/// <param name="ProcessorMicroseconds">Processor time of this process a span.</param>
internal sealed record Measurement(double SpansPerSecond, double RequestsPerThousand, double ProcessorMicroseconds)
{
    public static async Task<Measurement> OfAsync(LocalService service, string what, int spans, Func<Task> run)
    {
        int tracesBefore = await service.CountAsync("Traces");
        long requestsBefore = service.Host.StorageRequests.Total;
        IReadOnlyDictionary<string, long> operationsBefore = service.Host.StorageRequests.ByOperation;
        TimeSpan azuriteBefore = service.AzuriteProcessorTime;
        TimeSpan compilingBefore = JitInfo.GetCompilationTime();
        TimeSpan collectingBefore = GC.GetTotalPauseDuration();
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await run();
        watch.Stop();
        TimeSpan cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        TimeSpan compiling = JitInfo.GetCompilationTime() - compilingBefore;
        TimeSpan collecting = GC.GetTotalPauseDuration() - collectingBefore;
        TimeSpan azurite = service.AzuriteProcessorTime - azuriteBefore;
        double requests = service.Host.StorageRequests.Total - requestsBefore;
        int traces = await service.CountAsync("Traces") - tracesBefore;
        int resealed = await RevisionsAsync(service);
        long rows = traces + Rows(service, operationsBefore);
        var measured = new Measurement(spans / watch.Elapsed.TotalSeconds, requests / spans * 1_000, cpu.TotalMicroseconds / spans);
        Console.WriteLine(
            $"    {watch.Elapsed.TotalSeconds:N2} s for {what}; {traces:N0} traces, {resealed} of them resealed; "
            + $"{measured.RequestsPerThousand:N1} storage requests per 1,000 spans; {rows / (double)traces:N2} rows written or deleted a trace; "
            + $"processor time {cpu.TotalSeconds:N1} s here ({measured.ProcessorMicroseconds:N1} us a span, {compiling.TotalSeconds:N1} s of it compiling, "
            + $"{collecting.TotalSeconds:N1} s collecting garbage), {azurite.TotalSeconds:N1} s in Azurite");
        foreach ((string operation, long count) in service.Host.StorageRequests.ByOperation.OrderByDescending(pair => pair.Value).Take(12))
        {
            Console.WriteLine($"      {operation,-44} {count - operationsBefore.GetValueOrDefault(operation),8:N0}");
        }

        return measured;
    }

    /// <summary>Rows written or deleted beside the traces' own: each chunk is written and deleted, each turn of a window is one row or two.</summary>
    private static long Rows(LocalService service, IReadOnlyDictionary<string, long> before)
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
}
