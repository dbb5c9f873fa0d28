using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Telemetry;

namespace ServerlessTrace.Functions.Telemetry;

/// <summary>
/// The spans and metrics of the service itself. Work on nothing but its own exported spans leaves no span: otherwise each export would
/// be the cause of the next, without end.
/// </summary>
public static class ServiceTelemetry
{
    private static readonly byte[] OwnName = Encoding.UTF8.GetBytes(StorageTelemetry.ServiceName);
    private static readonly ActivitySource Source = new(StorageTelemetry.Name);
    private static readonly Meter Meter = new(StorageTelemetry.Name);

    private static readonly Counter<long> Records = Meter.CreateCounter<long>("serverlesstrace.ingest.records", "{record}", "Records read.");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("serverlesstrace.ingest.rejections", "{record}", "Records rejected.");
    private static readonly Counter<long> Spans = Meter.CreateCounter<long>("serverlesstrace.ingest.spans", "{span}", "Span parts stored.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("serverlesstrace.ingest.bytes", "By", "Bytes read.");
    private static readonly Counter<long> SealedTraces = Meter.CreateCounter<long>("serverlesstrace.seal.traces", "{trace}", "Traces sealed.");
    private static readonly Counter<long> Alerts = Meter.CreateCounter<long>("serverlesstrace.alerts", "{notification}", "Notifications of alerts.");
    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("serverlesstrace.deliveries", "{attempt}", "Attempts to deliver a notification.");
    private static readonly Counter<long> ForwardedSpans = Meter.CreateCounter<long>("serverlesstrace.forward.spans", "{span}", "Spans that the receiver of forwarded traces took.");
    private static readonly Counter<long> ForwardFailures = Meter.CreateCounter<long>("serverlesstrace.forward.failures", "{request}", "Requests that the receiver of forwarded traces did not take.");
    private static readonly Gauge<long> OpenChunks = Meter.CreateGauge<long>("serverlesstrace.backlog.chunks", "{chunk}", "Stored parts of sources that wait to be sealed.");
    private static readonly Gauge<double> OldestChunk = Meter.CreateGauge<double>("serverlesstrace.backlog.age", "s", "Age of the oldest part that waits to be sealed.");

    /// <summary>Begins the span of ingesting a source, or a group of posts.</summary>
    /// <param name="source">What the receipt calls the source.</param>
    /// <param name="producers">Contexts of those who sent it.</param>
    public static Activity? StartIngest(string source, IEnumerable<ActivityLink>? producers = null)
    {
        Activity? span = Source.StartActivity(ActivityKind.Consumer, links: producers, name: "ingest");
        span?.SetTag("serverlesstrace.source", source);
        return span;
    }

    /// <summary>Counts what a receipt says, and puts it on the span of ingesting the source.</summary>
    public static void Ingested(Activity? span, Receipt receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        var format = new KeyValuePair<string, object?>("format", receipt.Format);
        Records.Add(receipt.Records, format);
        Rejections.Add(receipt.Rejected, format);
        Spans.Add(receipt.Spans, format);
        Bytes.Add(receipt.Bytes, format);
        span?.SetTag("serverlesstrace.format", receipt.Format)
            .SetTag("serverlesstrace.records", receipt.Records)
            .SetTag("serverlesstrace.spans", receipt.Spans)
            .SetTag("serverlesstrace.rejected", receipt.Rejected);
        if (receipt.State == ReceiptState.Failed)
        {
            span?.SetStatus(ActivityStatusCode.Error, receipt.Reason);
        }
    }

    /// <summary>Begins the span of a seal run of a shard.</summary>
    public static Activity? StartSeal(int shard)
    {
        Activity? span = Source.StartActivity("seal", ActivityKind.Internal);
        span?.SetTag("serverlesstrace.shard", shard);
        return span;
    }

    /// <summary>Counts what a seal run of a shard did. A run that sealed nothing, or only the service's own traces, leaves no span.</summary>
    public static void Sealed(Activity? span, SealResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        SealedTraces.Add(result.Sealed, new KeyValuePair<string, object?>("outcome", "sealed"));
        SealedTraces.Add(result.Resealed, new KeyValuePair<string, object?>("outcome", "resealed"));
        span?.SetTag("serverlesstrace.sealed", result.Sealed).SetTag("serverlesstrace.resealed", result.Resealed).SetTag("serverlesstrace.open", result.Open);
        if (span is not null && IsOwn(result))
        {
            Suppress(span);
        }
    }

    /// <summary>Whether a seal run sealed nothing but the service's own traces, or nothing at all.</summary>
    public static bool IsOwn(SealResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Sealed + result.Resealed <= result.Own;
    }

    /// <summary>Begins the span of evaluating alert rules.</summary>
    public static Activity? StartEvaluate() => Source.StartActivity("evaluate", ActivityKind.Internal);

    /// <summary>Counts a notification of an alert that is handed over for delivery.</summary>
    public static void Alerted(NotificationType type, AlertSeverity severity) => Alerts.Add(
        1, new KeyValuePair<string, object?>("type", type.ToString().ToLowerInvariant()), new KeyValuePair<string, object?>("severity", severity.ToString().ToLowerInvariant()));

    /// <summary>Begins the span of an attempt to deliver an alert, linked to the traces that explain it.</summary>
    public static Activity? StartDeliver(string rule, IEnumerable<string> traces)
    {
        // A link must name a span: of a trace as a whole only the id is known, and any span id leads to it.
        IEnumerable<ActivityLink> links = traces.Select(trace => new ActivityLink(new ActivityContext(
            ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateFromString(trace.AsSpan(0, 16)), ActivityTraceFlags.None, isRemote: true)));
        Activity? span = Source.StartActivity(ActivityKind.Client, links: links, name: "deliver");
        span?.SetTag("serverlesstrace.alert.rule", rule);
        return span;
    }

    /// <summary>Counts an attempt to deliver.</summary>
    public static void Delivered(Activity? span, bool isTaken)
    {
        Deliveries.Add(1, new KeyValuePair<string, object?>("outcome", isTaken ? "taken" : "failed"));
        if (!isTaken)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>Begins the span of forwarding sealed traces.</summary>
    public static Activity? StartForward() => Source.StartActivity("forward", ActivityKind.Client);

    /// <summary>Counts what was forwarded. A look that found nothing leaves no span.</summary>
    public static void Forwarded(Activity? span, long spans, bool isRefused)
    {
        ForwardedSpans.Add(spans);
        span?.SetTag("serverlesstrace.spans", spans);
        if (isRefused)
        {
            ForwardFailures.Add(1);
            span?.SetStatus(ActivityStatusCode.Error);
        }
        else if (spans == 0)
        {
            Forget(span);
        }
    }

    /// <summary>Says how much waits to be sealed, and for how long.</summary>
    public static void Waiting(long chunks, TimeSpan oldest)
    {
        OpenChunks.Record(chunks);
        OldestChunk.Record(oldest.TotalSeconds);
    }

    /// <summary>Marks a span as failed, with what failed; the message is left out, since it may quote what was sent.</summary>
    public static void Failed(Activity? span, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);
    }

    /// <summary>Whether spans are all of the service's own telemetry; false where there are none.</summary>
    public static bool IsOwn(SpanBatch batch, ReadOnlySpan<SpanRecord> spans)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int own = batch.Strings.Find(OwnName);
        if (own <= 0 || spans.IsEmpty)
        {
            return false;
        }

        foreach (ref readonly SpanRecord span in spans)
        {
            if (span.Service != own)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Keeps a span, and those it is part of in this process, from being exported.</summary>
    public static void Forget(Activity? span)
    {
        for (; span is not null; span = span.Parent)
        {
            Suppress(span);
        }
    }

    private static void Suppress(Activity span)
    {
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        span.IsAllDataRequested = false;
    }
}
