using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>ServerlessTrace's own format, of the shape that Standard Webhooks recommends: <c>type</c>, <c>timestamp</c>, <c>data</c>.</summary>
internal static class StandardPayload
{
    public static void Write(Utf8JsonWriter writer, AlertNotification notification)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, AlertWords.Type(notification.Type));
        writer.WriteString("timestamp"u8, AlertWords.Time(notification.Timestamp));
        writer.WritePropertyName("data"u8);
        WriteAlert(writer, notification.Alert);
        writer.WriteEndObject();
    }

    /// <summary>The alert itself, which other formats carry too.</summary>
    public static void WriteAlert(Utf8JsonWriter writer, AlertReport alert)
    {
        writer.WriteStartObject();
        writer.WriteString("alertId"u8, alert.AlertId);
        writer.WriteString("rule"u8, AlertWords.Name(alert.Rule));
        writer.WriteString("severity"u8, AlertWords.Severity(alert.Severity));
        writer.WriteString("service"u8, AlertWords.NameOrNull(alert.Service));
        writer.WriteString("operation"u8, AlertWords.NameOrNull(alert.Operation));
        writer.WriteString("environment"u8, AlertWords.NameOrNull(alert.Environment));
        if (alert.Attributes.Count > 0)
        {
            writer.WriteStartObject("attributes"u8);
            foreach ((string name, string value) in alert.Attributes)
            {
                writer.WriteString(AlertWords.Name(name), AlertWords.Name(value));
            }

            writer.WriteEndObject();
        }

        writer.WriteStartObject("window"u8);
        writer.WriteString("from"u8, AlertWords.Time(alert.Window.From));
        writer.WriteString("to"u8, AlertWords.Time(alert.Window.To));
        writer.WriteEndObject();
        AlertWords.Number(writer, "observed"u8, alert.Observed);
        AlertWords.Number(writer, "threshold"u8, alert.Threshold);
        writer.WriteString("unit"u8, alert.Unit);
        WriteTraces(writer, alert.Traces);
        writer.WriteString("summary"u8, AlertWords.Summary(alert));
        writer.WriteEndObject();
    }

    private static void WriteTraces(Utf8JsonWriter writer, IReadOnlyList<AlertTrace> traces)
    {
        writer.WriteStartArray("traces"u8);
        foreach (AlertTrace trace in traces)
        {
            writer.WriteStartObject();
            writer.WriteString("traceId"u8, trace.TraceId);
            AlertWords.Number(writer, "durationMs"u8, trace.DurationMs);
            writer.WriteString("reportUrl"u8, trace.ReportUrl);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
