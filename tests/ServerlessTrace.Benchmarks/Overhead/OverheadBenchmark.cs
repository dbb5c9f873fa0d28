using System.Diagnostics;
using System.Globalization;
using System.Net;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ServerlessTrace.Instrumentation.SpanLogs;
using ServerlessTrace.Instrumentation.SpanLogs.Sinks;

namespace ServerlessTrace.Benchmarks.Overhead;

/// <summary>
/// What a span costs its sender until it has left: time of the thread that makes it, processor time of the whole process, allocation, and bytes
/// sent. Traces of ten spans with six attributes, three of them different in every span. Nothing goes over a network: each exporter writes as it
/// would, into nothing. The best of a few rounds counts.
/// </summary>
internal static class OverheadBenchmark
{
    private const int Spans = 20_000;
    private const int Rounds = 15;
    private const int Queue = 1 << 15;

    private static readonly ActivitySource Source = new("overhead");

    public static async Task RunAsync()
    {
        Console.WriteLine("| a span with | ns of its thread | ns of processor | bytes allocated | bytes sent |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        Measure("nothing but a listener", static _ => Listen());
        await MeasureSpanLogsAsync("span logs, listener, start and end", static (pipeline, _) => Listen(pipeline, SpanLogRecords.StartAndEnd));
        await MeasureSpanLogsAsync("span logs, listener, end only", static (pipeline, _) => Listen(pipeline, SpanLogRecords.EndOnly));
        await MeasureSpanLogsAsync("span logs, OpenTelemetry exporter, start and end", static (pipeline, _) => Export(pipeline, SpanLogRecords.StartAndEnd));
        await MeasureSpanLogsAsync("span logs, OpenTelemetry exporter, end only", static (pipeline, _) => Export(pipeline, SpanLogRecords.EndOnly));
        Measure("OpenTelemetry's OTLP exporter (HTTP, protobuf)", Otlp);
        MeasureConsole();
    }

    private static async Task MeasureSpanLogsAsync(string name, Func<SpanLogPipeline, CountingStream, Sender> start)
    {
        var output = new CountingStream();
        await using var pipeline = new SpanLogPipeline(new StreamSink(output), new SpanLogPipelineOptions { BufferedBytes = 64 << 20 });
        Measure(name, stream => start(pipeline, stream) with { Sent = () => output.Count });
        if (pipeline.DroppedRecords > 0)
        {
            throw new InvalidOperationException($"{pipeline.DroppedRecords} records were dropped: the figures are of less.");
        }
    }

    private static void MeasureConsole()
    {
        TextWriter console = Console.Out;
        var output = new CountingStream();
        Console.SetOut(new StreamWriter(output));
        try
        {
            Measure(
                "OpenTelemetry's console exporter",
                _ => Sdk(builder => builder.AddProcessor(new BatchActivityExportProcessor(new ConsoleActivityExporter(new ConsoleExporterOptions()), Queue)))
                    with { Sent = () => { Console.Out.Flush(); return output.Count; } },
                console);
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    private static void Measure(string name, Func<CountingStream, Sender> start, TextWriter? console = null)
    {
        using Sender sender = start(new CountingStream());
        double thread = double.MaxValue;
        double processor = double.MaxValue;
        double allocated = double.MaxValue;
        double sent = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long sentBefore = sender.Sent();
            long allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            using Process process = Process.GetCurrentProcess();
            TimeSpan before = process.TotalProcessorTime;
            long began = Stopwatch.GetTimestamp();
            MakeSpans(round);
            thread = Math.Min(thread, Stopwatch.GetElapsedTime(began).TotalNanoseconds / Spans);
            sender.Flush();
            process.Refresh();
            processor = Math.Min(processor, (process.TotalProcessorTime - before).TotalNanoseconds / Spans);
            allocated = Math.Min(allocated, (double)(GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore) / Spans);
            sent = (double)(sender.Sent() - sentBefore) / Spans;
        }

        (console ?? Console.Out).WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {thread:N0} | {processor:N0} | {allocated:N0} | {sent:N0} |"));
    }

    private static void MakeSpans(int round)
    {
        for (int i = 0; i < Spans; i += 10)
        {
            using Activity? root = Make(round, i, ActivityKind.Server);
            for (int child = 1; child < 10; child++)
            {
                using Activity? span = Make(round, i + child, ActivityKind.Client);
            }
        }
    }

    private static Activity? Make(int round, int i, ActivityKind kind) => Source.StartActivity("charge card", kind)
        ?.SetTag("order_id", Ids[i % Ids.Length])
        .SetTag("user_id", Ids[(i * 7) % Ids.Length])
        .SetTag("payment_id", Ids[(i + round) % Ids.Length])
        .SetTag("payment_method", "credit_card")
        .SetTag("retry_count", i % 3)
        .SetTag("amount", 99.99);

    private static readonly string[] Ids = [.. Enumerable.Range(0, 10_007).Select(_ => Guid.NewGuid().ToString())];

    private static Sender Listen()
    {
        var listener = new ActivityListener { ShouldListenTo = static source => source.Name == "overhead", Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        return new Sender(listener, static () => { }, static () => 0);
    }

    private static Sender Listen(SpanLogPipeline pipeline, SpanLogRecords records) => new(
        new SpanLogListener(pipeline, new SpanLogFormat { Service = "payment-service", Records = records }, null, Source.Name),
        () => pipeline.FlushAsync().GetAwaiter().GetResult(),
        static () => 0);

    private static Sender Export(SpanLogPipeline pipeline, SpanLogRecords records)
    {
        var exporter = new SpanLogExporter(pipeline, new SpanLogFormat { Records = records });
        Sender sender = Sdk(builder => builder.AddProcessor(new BatchActivityExportProcessor(exporter, Queue)));
        return sender with
        {
            Flush = () =>
            {
                sender.Flush();
                pipeline.FlushAsync().GetAwaiter().GetResult();
            },
        };
    }

    private static Sender Otlp(CountingStream output) => Sdk(builder => builder.AddOtlpExporter(options =>
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.HttpClientFactory = () => new HttpClient(new Swallowing(output));
        options.BatchExportProcessorOptions.MaxQueueSize = Queue;
    })) with { Sent = () => output.Count };

    private static Sender Sdk(Func<TracerProviderBuilder, TracerProviderBuilder> export)
    {
        TracerProvider provider = export(OpenTelemetry.Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("payment-service"))
            .AddSource(Source.Name)).Build();
        return new Sender(provider, () => provider.ForceFlush(), static () => 0);
    }

    /// <summary>An exporter under test.</summary>
    private sealed record Sender(IDisposable Listening, Action Flush, Func<long> Sent) : IDisposable
    {
        public void Dispose() => Listening.Dispose();
    }

    /// <summary>Takes requests as a receiver would, without a network.</summary>
    private sealed class Swallowing(CountingStream output) : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Content!.CopyTo(output, null, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Send(request, cancellationToken));
    }
}
