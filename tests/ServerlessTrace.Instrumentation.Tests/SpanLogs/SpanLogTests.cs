using System.Diagnostics;
using System.Text.Json.Nodes;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Sampling;
using ServerlessTrace.Instrumentation.SpanLogs;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.SpanLogs;

/// <summary>What is written, and what the backend reads in it.</summary>
public sealed class SpanLogTests : IAsyncDisposable
{
    private static readonly SpanLogFormat Format = new() { Service = "payment-service", Version = "1.2.3", Environment = "test" };

    private readonly MemorySink _sink = new();

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    [Fact]
    public async Task A_listener_writes_the_references_records_as_things_happen()
    {
        await using var pipeline = new SpanLogPipeline(_sink);
        using var listener = new SpanLogListener(pipeline, Format);
        using (WorkContext.Continue(Contexts.Of(state: "foo=1", baggage: [("correlation_id", "tx-1"), ("order_id", "ord-789"), ("tier", "gold")]), "process_payment", ActivityKind.Server))
        {
            await pipeline.FlushAsync();
            JsonObject start = Assert.Single(_sink.Records);
            Assert.Equal(
                ["timestamp", "level", "service", "service.version", "environment", "trace_id", "span_id", "parent_span_id", "span_name", "span_kind", "event", "tracestate", "correlation_id", "duration_ms", "baggage", "attributes"],
                start.Select(field => field.Key));
            Assert.Equal(("span_start", "SERVER", Contexts.Trace, Contexts.Span, "tx-1"), (
                (string)start["event"]!, (string)start["span_kind"]!, (string)start["trace_id"]!, (string)start["parent_span_id"]!, (string)start["correlation_id"]!));
            Assert.Equal("""{"correlation_id":"tx-1","order_id":"ord-789"}""", Sorted(start["baggage"]!));
            Assert.Equal("ord-789", (string)start["attributes"]!["order_id"]!);
            Activity.Current!.AddEvent(new ActivityEvent("retry", tags: new ActivityTagsCollection { ["attempt"] = 2 }));
        }

        await pipeline.FlushAsync();
        Assert.Equal(["span_start", "span_event", "span_end"], _sink.Records.Select(record => (string)record["event"]!));
        Assert.Equal(("retry", 2), ((string)_sink.Records[1]["event_name"]!, (int)_sink.Records[1]["attributes"]!["attempt"]!));
        Assert.Equal(("OK", "INFO"), ((string)_sink.Records[2]["status"]!, (string)_sink.Records[2]["level"]!));
        Assert.True((double)_sink.Records[2]["duration_ms"]! > 0);
        Assert.Equal((3, 0), (pipeline.WrittenRecords, pipeline.DroppedRecords));
    }

    [Theory]
    [InlineData(SpanLogRecords.StartAndEnd, 7)]
    [InlineData(SpanLogRecords.EndOnly, 4)]
    public async Task The_backend_reads_the_same_trace_from_either_form(SpanLogRecords records, int lines)
    {
        await using var pipeline = new SpanLogPipeline(_sink);
        using (new SpanLogListener(pipeline, Format with { Records = records }))
        {
            using ContinuedWork root = WorkContext.Continue(default, "request_received", ActivityKind.Server);
            using (CorrelationScope.Begin("order_id", "ord-789"))
            {
                using ContinuedWork charge = WorkContext.Continue(WorkContext.Current, "charge_card", ActivityKind.Client);
                charge.Span!.SetTag("gateway", "stripe").SetTag("retry_count", 3);
                charge.Fail(new TimeoutException("Payment gateway timeout after 5000ms"));
            }

            using ContinuedWork notify = WorkContext.Continue(WorkContext.Current, "notify");
        }

        await pipeline.FlushAsync();
        Assert.Equal(lines, _sink.Records.Length);
        JsonObject trace = await ReadBack.OneTraceAsync(_sink.Bytes);
        Assert.Equal((3, "ERROR", "request_received"), ((int)trace["spanCount"]!, (string)trace["status"]!, (string)trace["root"]!["operation"]!));
        JsonNode error = trace["errors"]!.AsArray().Single()!;
        Assert.Equal(("charge_card", "System.TimeoutException", "Payment gateway timeout after 5000ms"), ((string)error["operation"]!, (string)error["code"]!, (string)error["message"]!));
        Assert.Equal("ord-789", (string)trace["business"]!["order_id"]!);
        Assert.Empty(trace["warnings"]!.AsArray());
    }

    [Fact]
    public async Task An_exporter_takes_service_version_and_environment_from_the_resource()
    {
        await using var pipeline = new SpanLogPipeline(_sink);
        using (TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("payment-service", serviceVersion: "7").AddAttributes([new("deployment.environment.name", "production")]))
            .AddSpanLogs(pipeline)
            .Build())
        {
            using (CorrelationScope.Begin("user_id", "user-123"))
            using (WorkContext.Continue(WorkContext.Current, "process_payment"))
            {
            }

            Assert.True(provider.ForceFlush());
            Assert.Equal(["span_start", "span_end"], _sink.Records.Select(record => (string)record["event"]!));
        }

        JsonObject end = _sink.Records[1];
        Assert.Equal(("payment-service", "7", "production", "user-123"), (
            (string)end["service"]!, (string)end["service.version"]!, (string)end["environment"]!, (string)end["attributes"]!["user_id"]!));
        Assert.Equal("user-123", (string)(await ReadBack.OneTraceAsync(_sink.Bytes))["business"]!["user_id"]!);
    }

    [Fact]
    public async Task A_listener_takes_any_sampler_and_passes_its_decision_on()
    {
        await using var pipeline = new SpanLogPipeline(_sink);
        using (new SpanLogListener(pipeline, Format, TraceSamplers.ParentBasedConsistent(0)))
        {
            using ContinuedWork work = WorkContext.Continue(default, "unsampled");
            Assert.False(WorkContext.Current.ActivityContext.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));
            Assert.True(WorkContext.Current.ActivityContext.IsValid());
        }

        using (new SpanLogListener(pipeline, Format, TraceSamplers.ParentBasedConsistent(1)))
        {
            using ContinuedWork work = WorkContext.Continue(default, "sampled");
        }

        await pipeline.FlushAsync();
        Assert.Equal(["sampled", "sampled"], _sink.Records.Select(record => (string)record["span_name"]!));
        Assert.Equal("ot=th:0", (string)_sink.Records[0]["tracestate"]!);
    }

    [Fact]
    public async Task Attributes_of_every_type_are_written_and_none_without_bound()
    {
        await using var pipeline = new SpanLogPipeline(_sink);
        using (new SpanLogListener(pipeline, Format with { MaxAttributes = 12, MaxEvents = 2, MaxTextLength = 10, Records = SpanLogRecords.EndOnly }))
        {
            using ContinuedWork work = WorkContext.Continue(default, "a");
            Activity span = work.Span!;
            span.SetTag("text", "quote \" and \u0001");
            span.SetTag("emoji", "123456789\U0001F600");
            span.SetTag("flag", true).SetTag("int", 1).SetTag("long", 1L << 40).SetTag("double", 1.5).SetTag("decimal", 99.99m).SetTag("nan", double.NaN);
            span.SetTag("list", new[] { "a", "b" }).SetTag("guid", Guid.Empty).SetTag("time", DateTimeKind.Utc);
            for (int i = 0; i < 20; i++)
            {
                span.SetTag($"more{i}", i);
                span.AddEvent(new ActivityEvent("tick"));
            }
        }

        await pipeline.FlushAsync();
        Assert.Equal(["span_event", "span_event", "span_end"], _sink.Records.Select(record => (string)record["event"]!));
        Assert.Equal(
            """{"text":"quote \u0022 an","emoji":"123456789","flag":true,"int":1,"long":1099511627776,"double":1.5,"decimal":99.99,"nan":"NaN","list":["a","b"],"guid":"00000000-0","time":"Utc","more0":0}""",
            _sink.Records[2]["attributes"]!.ToJsonString());
    }

    [Fact]
    public async Task Links_of_a_batch_are_written_and_read()
    {
        await using var pipeline = new SpanLogPipeline(_sink);
        using (new SpanLogListener(pipeline, Format))
        {
            using ContinuedWork work = WorkContext.ContinueBatch([Contexts.Of(), Contexts.Of("11111111111111111111111111111111")], "batch");
        }

        await pipeline.FlushAsync();
        Assert.Equal(
            $$"""[{"trace_id":"{{Contexts.Trace}}","span_id":"{{Contexts.Span}}"},{"trace_id":"11111111111111111111111111111111","span_id":"{{Contexts.Span}}"}]""",
            _sink.Records[0]["links"]!.ToJsonString());
        Assert.Equal([Contexts.Trace, "11111111111111111111111111111111"], await ReadBack.LinkedTracesAsync(_sink.Bytes));
    }

    [Fact]
    public async Task A_span_costs_no_allocation_beyond_itself()
    {
        await using var pipeline = new SpanLogPipeline(_sink, new SpanLogPipelineOptions { BufferedBytes = 128 << 10 });
        using var writer = new SpanLogWriter(Format);
        using var activity = new Activity("work");
        activity.SetIdFormat(ActivityIdFormat.W3C);
        activity.Start();
        activity.SetTag("order_id", "ord-789").SetTag("amount", 99.99).SetTag("attempt", 1);
        activity.AddEvent(new ActivityEvent("retry"));
        activity.Stop();
        var text = new System.Buffers.ArrayBufferWriter<byte>(4_096);
        long Allocated(int spans)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < spans; i++)
            {
                text.ResetWrittenCount();
                writer.WriteStart(activity, default, text);
                writer.WriteEnd(activity, hasStart: true, text);
                pipeline.Write(text.WrittenSpan, 3);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(1_000);

        // Nothing a span: what there is, is the channel's segments.
        Assert.InRange(Allocated(1_000), 0, 1_000 * 4);
    }

    private static string Sorted(JsonNode node) =>
        new JsonObject(node.AsObject().OrderBy(field => field.Key).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))).ToJsonString();
}
