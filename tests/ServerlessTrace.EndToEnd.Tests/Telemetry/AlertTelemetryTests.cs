using System.Net;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Orchestrations;

namespace ServerlessTrace.EndToEnd.Tests.Telemetry;

/// <summary>What the service tells of its alerts, their deliveries, and of forwarding.</summary>
public sealed class AlertTelemetryTests
{
    [Fact]
    public async Task Alerts_deliveries_and_forwarding_leave_spans_and_are_counted_failures_too()
    {
        await using OtlpReceiver forwarded = await OtlpReceiver.StartAsync();
        forwarded.Answer = HttpStatusCode.ServiceUnavailable;
        await using WebhookReceiver webhook = await WebhookReceiver.StartAsync(WebhookReceiver.Status(StatusCodes.Status500InternalServerError));
        await using ObservedHost host = await ObservedHost.StartAsync(
        [
            ("Forward__Endpoint", new Uri(forwarded.Address, "v1/traces").ToString()),
            ("Forward__RetryAfter", "00:00:00.200"),
            .. WebhookFixture.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
        ]);
        var subscriber = new Subscriber(host.Service);
        await subscriber.SubscribeAsync(webhook.Url);
        await subscriber.CallAsync(HttpMethod.Put, "api/alert-rules/slow", """{"kind":"trace-duration","over":"50ms","severity":"critical"}""");
        string trace = SpanLogs.NewTraceId();
        await host.Service.DropAsync("slow.ndjson", SpanLogs.Span(trace, "a000000000000001", subscriber.Service, "checkout", 0, 100));

        // Neither receiver takes anything at first.
        await webhook.ReceivedAsync(1);
        await host.MetricsAsync("serverlesstrace.alerts", "serverlesstrace.deliveries", "serverlesstrace.forward.failures", "serverlesstrace.storage.operations");
        webhook.Answer = WebhookReceiver.Status(StatusCodes.Status204NoContent);
        forwarded.Answer = HttpStatusCode.OK;

        ReceivedSpan deliver = await host.SpanAsync(span => span.Name == "deliver");
        Assert.Equal((SpanKind.Client, trace), (deliver.Kind, Assert.Single(deliver.Links).TraceId));
        ReceivedSpan forward = await host.SpanAsync(span => span.Name == "forward");
        ReceivedSpan activity = await host.SpanAsync(span => span.Name == OrchestrationNames.ForwardBatches && span.SpanId == forward.ParentSpanId);
        Assert.Equal((SpanKind.Client, forward.TraceId), (forward.Kind, activity.TraceId));
        await Eventually.GetAsync(() => Task.FromResult(forwarded.Spans.Count), count => count > 0, "The trace is forwarded");
        await host.MetricsAsync("serverlesstrace.forward.spans", "serverlesstrace.seal.traces", "serverlesstrace.seal.delay", "serverlesstrace.ingest.spans");
        Assert.Equal(trace, Assert.Single(forwarded.Spans, span => span.Service == subscriber.Service).TraceId);
    }
}
