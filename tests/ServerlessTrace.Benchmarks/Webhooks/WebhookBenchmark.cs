using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Benchmarks.DropToSealed;

namespace ServerlessTrace.Benchmarks.Webhooks;

/// <summary>
/// How long after a file was dropped, and after its trace was seen as sealed by an HTTP client that asks every 10 ms, a latency alert of the trace is at its
/// receiver, at low load. A webhook may be there before the client sees the trace: that is 0 ms. Yardstick: the same request sent to the receiver directly.
/// </summary>
internal static class WebhookBenchmark
{
    private const int WarmUp = 10;
    private const int Drops = 100;
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<long>> Arrivals = new();

    public static async Task RunAsync()
    {
        await using WebApplication receiver = await StartReceiverAsync();
        string url = receiver.Urls.Single() + "/";
        await using LocalService service = await LocalService.StartAsync(new Dictionary<string, string> { ["Webhooks:AllowedHosts:0"] = "127.0.0.1" });
        await PutAsync(service, "api/webhooks/benchmark", new JsonObject { ["url"] = url });
        await PutAsync(service, "api/alert-rules/benchmark", new JsonObject { ["kind"] = "trace-duration", ["over"] = "1ms", ["limit"] = new JsonObject { ["notifications"] = 1_000 } });
        var direct = new List<double>();
        var fromDrop = new List<double>();
        var fromSealed = new List<double>();
        var random = new Random(1);
        for (int i = 0; i < WarmUp + Drops; i++)
        {
            (string trace, byte[] file) = OneTrace.Generate((ulong)i + 1);
            long dropped = Stopwatch.GetTimestamp();
            await service.SpanLogs.GetBlobClient($"webhooks/{i:d4}").UploadAsync(BinaryData.FromBytes(file));
            while (!(await service.LookAsync(trace)).IsSealed)
            {
                await Task.Delay(10);
            }

            long seen = Stopwatch.GetTimestamp();
            long arrived = await ArrivalOf(trace).Task.WaitAsync(TimeSpan.FromSeconds(60));
            if (i >= WarmUp)
            {
                direct.Add(await SendDirectlyAsync(service, url));
                fromDrop.Add(Stopwatch.GetElapsedTime(dropped, arrived).TotalMilliseconds);
                fromSealed.Add(Math.Max(0, Stopwatch.GetElapsedTime(seen, arrived).TotalMilliseconds));
            }

            await Task.Delay(random.Next(50, 500));
        }

        Console.WriteLine($"Webhooks at low load: {Drops} alerts of one 10-span trace each, one after the other, window 1 s");
        Waits.Print("request alone", direct);
        Waits.Print("sealed to webhook", fromSealed);
        Waits.Print("drop to webhook", fromDrop);
    }

    private static TaskCompletionSource<long> ArrivalOf(string trace) =>
        Arrivals.GetOrAdd(trace, static _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    private static async Task<WebApplication> StartReceiverAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication receiver = builder.Build();
        receiver.MapPost("/", static async (HttpRequest request) =>
        {
            long now = Stopwatch.GetTimestamp();
            JsonNode? alert = await JsonNode.ParseAsync(request.Body);
            foreach (JsonNode? trace in alert?["data"]?["traces"]?.AsArray() ?? [])
            {
                ArrivalOf((string)trace!["traceId"]!).TrySetResult(now);
            }

            return Results.NoContent();
        });
        await receiver.StartAsync();
        return receiver;
    }

    private static async Task PutAsync(LocalService service, string path, JsonObject body)
    {
        using HttpResponseMessage response = await service.Http.PutAsJsonAsync(new Uri(path, UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<double> SendDirectlyAsync(LocalService service, string url)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await service.Http.PostAsJsonAsync(new Uri(url), new JsonObject());
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
