using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>An event of PagerDuty's Events API v2: firing triggers, resolved resolves, and the alert's id keeps them together.</summary>
internal static class PagerDutyPayload
{
    public static void Write(Utf8JsonWriter writer, AlertNotification notification, PayloadEnvelope envelope)
    {
        AlertReport alert = notification.Alert;
        writer.WriteStartObject();
        writer.WriteString("routing_key"u8, envelope.RoutingKey ?? string.Empty);
        writer.WriteString("event_action"u8, notification.Type == NotificationType.Resolved ? "resolve"u8 : "trigger"u8);
        writer.WriteString("dedup_key"u8, alert.AlertId);
        writer.WriteString("client"u8, "ServerlessTrace"u8);
        writer.WriteStartObject("payload"u8);
        writer.WriteString("summary"u8, AlertWords.Summary(alert));
        writer.WriteString("source"u8, AlertWords.NameOrNull(alert.Service) ?? "serverlesstrace");
        writer.WriteString("severity"u8, AlertWords.Severity(alert.Severity));
        writer.WriteString("timestamp"u8, AlertWords.Time(notification.Timestamp));
        writer.WriteString("component"u8, AlertWords.NameOrNull(alert.Operation));
        writer.WriteString("group"u8, AlertWords.NameOrNull(alert.Environment));
        writer.WriteString("class"u8, AlertWords.Name(alert.Rule));
        writer.WritePropertyName("custom_details"u8);
        StandardPayload.WriteAlert(writer, alert);
        writer.WriteEndObject();
        WriteLinks(writer, alert.Traces);
        writer.WriteEndObject();
    }

    private static void WriteLinks(Utf8JsonWriter writer, IReadOnlyList<AlertTrace> traces)
    {
        writer.WriteStartArray("links"u8);
        foreach (AlertTrace trace in traces.Where(static trace => trace.ReportUrl is not null))
        {
            writer.WriteStartObject();
            writer.WriteString("href"u8, trace.ReportUrl);
            writer.WriteString("text"u8, $"Trace {trace.TraceId} ({AlertWords.Duration(trace)})");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
