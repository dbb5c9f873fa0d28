using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>CloudEvents 1.0 in structured mode, JSON event format; <c>data</c> is that of <see cref="StandardPayload"/>.</summary>
internal static class CloudEventPayload
{
    public const string ContentType = "application/cloudevents+json";

    public static void Write(Utf8JsonWriter writer, AlertNotification notification, PayloadEnvelope envelope)
    {
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("id"u8, envelope.MessageId);
        writer.WriteString("source"u8, "/serverlesstrace/alert-rules/" + Uri.EscapeDataString(AlertWords.Name(notification.Alert.Rule)));
        writer.WriteString("type"u8, "serverlesstrace." + AlertWords.Type(notification.Type));
        writer.WriteString("subject"u8, notification.Alert.AlertId);
        writer.WriteString("time"u8, AlertWords.Time(notification.Timestamp));
        writer.WriteString("datacontenttype"u8, "application/json"u8);
        writer.WritePropertyName("data"u8);
        StandardPayload.WriteAlert(writer, notification.Alert);
        writer.WriteEndObject();
    }
}
