using System.Buffers;
using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>Writes notifications as their receivers read them. The same notification always gives the same bytes.</summary>
public static class AlertPayload
{
    private const string Json = "application/json";

    private static readonly (PayloadFormat Format, string Name)[] Names =
    [
        (PayloadFormat.Standard, "standard"),
        (PayloadFormat.CloudEvents, "cloudevents"),
        (PayloadFormat.AzureMonitor, "azure-monitor"),
        (PayloadFormat.Slack, "slack"),
        (PayloadFormat.Teams, "teams"),
        (PayloadFormat.PagerDuty, "pagerduty"),
    ];

    /// <summary>The names of all formats, for people.</summary>
    public static string AllNames => string.Join(", ", Names.Select(static pair => pair.Name));

    /// <summary>A format's name.</summary>
    public static string NameOf(PayloadFormat format) => Array.Find(Names, pair => pair.Format == format).Name;

    /// <summary>The format of a name.</summary>
    public static bool TryParse(string name, out PayloadFormat format)
    {
        int index = Array.FindIndex(Names, pair => pair.Name == name);
        format = index < 0 ? default : Names[index].Format;
        return index >= 0;
    }

    /// <summary>The value of the request's <c>Content-Type</c>.</summary>
    public static string ContentType(PayloadFormat format) => format == PayloadFormat.CloudEvents ? CloudEventPayload.ContentType : Json;

    /// <summary>The request's body, UTF-8.</summary>
    public static ReadOnlyMemory<byte> Write(PayloadFormat format, AlertNotification notification, PayloadEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(notification);
        var body = new ArrayBufferWriter<byte>(1_024);
        using var writer = new Utf8JsonWriter(body, TraceReportJson.Options);
        switch (format)
        {
            case PayloadFormat.Standard:
                StandardPayload.Write(writer, notification);
                break;
            case PayloadFormat.CloudEvents:
                CloudEventPayload.Write(writer, notification, envelope);
                break;
            case PayloadFormat.AzureMonitor:
                AzureMonitorPayload.Write(writer, notification);
                break;
            case PayloadFormat.Slack:
                SlackPayload.Write(writer, notification);
                break;
            case PayloadFormat.Teams:
                TeamsPayload.Write(writer, notification);
                break;
            case PayloadFormat.PagerDuty:
                PagerDutyPayload.Write(writer, notification, envelope);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, null);
        }

        writer.Flush();
        return body.WrittenMemory;
    }
}
