using System.Globalization;
using System.Text.Json;
using System.Xml;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>
/// The common alert schema of Azure Monitor's action groups, as a metric alert fills it, so that what reads those (Logic Apps, ITSM connectors) reads
/// these. The threshold is a text there, as it is in Azure's.
/// </summary>
internal static class AzureMonitorPayload
{
    public static void Write(Utf8JsonWriter writer, AlertNotification notification)
    {
        writer.WriteStartObject();
        writer.WriteString("schemaId"u8, "azureMonitorCommonAlertSchema"u8);
        writer.WriteStartObject("data"u8);
        WriteEssentials(writer, notification);
        WriteContext(writer, notification);
        writer.WriteStartObject("customProperties"u8);
        writer.WriteString("unit"u8, notification.Alert.Unit);
        for (int i = 0; i < notification.Alert.Traces.Count; i++)
        {
            AlertTrace trace = notification.Alert.Traces[i];
            writer.WriteString(string.Create(CultureInfo.InvariantCulture, $"trace{i + 1}"), trace.ReportUrl ?? trace.TraceId);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteEssentials(Utf8JsonWriter writer, AlertNotification notification)
    {
        AlertReport alert = notification.Alert;
        bool isResolved = notification.Type == NotificationType.Resolved;
        writer.WriteStartObject("essentials"u8);
        writer.WriteString("alertId"u8, alert.AlertId);
        writer.WriteString("alertRule"u8, AlertWords.Name(alert.Rule));
        writer.WriteString("severity"u8, alert.Severity switch { AlertSeverity.Critical => "Sev0", AlertSeverity.Warning => "Sev2", _ => "Sev3" });
        writer.WriteString("signalType"u8, "Metric"u8);
        writer.WriteString("monitorCondition"u8, isResolved ? "Resolved"u8 : "Fired"u8);
        writer.WriteString("monitoringService"u8, "ServerlessTrace"u8);
        writer.WriteStartArray("alertTargetIDs"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("configurationItems"u8);
        if (alert.Service is { } service)
        {
            writer.WriteStringValue(AlertWords.Name(service));
        }

        writer.WriteEndArray();
        writer.WriteString("originAlertId"u8, alert.AlertId);
        writer.WriteString("firedDateTime"u8, AlertWords.Time(alert.FiredAt ?? (isResolved ? alert.Window.From : notification.Timestamp)));
        if (isResolved)
        {
            writer.WriteString("resolvedDateTime"u8, AlertWords.Time(notification.Timestamp));
        }

        writer.WriteString("description"u8, AlertWords.Summary(alert));
        writer.WriteString("essentialsVersion"u8, "1.0"u8);
        writer.WriteString("alertContextVersion"u8, "1.0"u8);
        writer.WriteEndObject();
    }

    private static void WriteContext(Utf8JsonWriter writer, AlertNotification notification)
    {
        AlertReport alert = notification.Alert;

        // What is resolved is on the good side again.
        bool isBelow = alert.Observed < alert.Threshold == (notification.Type == NotificationType.Firing);
        writer.WriteStartObject("alertContext"u8);
        writer.WriteNull("properties"u8);
        writer.WriteString("conditionType"u8, "MultipleResourceMultipleMetricCriteria"u8);
        writer.WriteStartObject("condition"u8);
        writer.WriteString("windowSize"u8, XmlConvert.ToString(alert.Window.To - alert.Window.From));
        writer.WriteStartArray("allOf"u8);
        writer.WriteStartObject();
        writer.WriteString("metricName"u8, AlertWords.Name(alert.Rule));
        writer.WriteString("metricNamespace"u8, "ServerlessTrace"u8);
        writer.WriteString("operator"u8, isBelow ? "LessThan"u8 : "GreaterThan"u8);
        writer.WriteString("threshold"u8, alert.Threshold.ToString(CultureInfo.InvariantCulture));
        WriteDimensions(writer, alert);
        AlertWords.Number(writer, "metricValue"u8, alert.Observed);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("windowStartTime"u8, AlertWords.Time(alert.Window.From));
        writer.WriteString("windowEndTime"u8, AlertWords.Time(alert.Window.To));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteDimensions(Utf8JsonWriter writer, AlertReport alert)
    {
        writer.WriteStartArray("dimensions"u8);
        Write("service", alert.Service);
        Write("operation", alert.Operation);
        Write("environment", alert.Environment);
        foreach ((string name, string value) in alert.Attributes)
        {
            Write(name, value);
        }

        writer.WriteEndArray();

        void Write(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, AlertWords.Name(name));
                writer.WriteString("value"u8, AlertWords.Name(value));
                writer.WriteEndObject();
            }
        }
    }
}
