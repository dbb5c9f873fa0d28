using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>
/// A message for Slack's incoming webhooks, in Block Kit. Texts from outside stand in <c>plain_text</c> objects, which know no formatting, and nowhere
/// are <c>&amp;</c>, <c>&lt;</c> and <c>&gt;</c> left as they are: those three begin links, mentions and <c>&lt;!channel&gt;</c>.
/// </summary>
internal static class SlackPayload
{
    // Block Kit's limits: a header's text, a section's fields.
    private const int LongestHeader = 150;
    private const int MostFields = 10;

    public static void Write(Utf8JsonWriter writer, AlertNotification notification)
    {
        AlertReport alert = notification.Alert;
        writer.WriteStartObject();

        // What notifications show, and clients without blocks.
        writer.WriteString("text"u8, Escape($"{AlertWords.Title(notification)}: {AlertWords.Summary(alert)}"));
        writer.WriteStartArray("attachments"u8);
        writer.WriteStartObject();
        writer.WriteString("color"u8, Color(notification));
        writer.WriteStartArray("blocks"u8);
        WriteBlock(writer, "header"u8, AlertWords.Title(notification), LongestHeader);
        WriteBlock(writer, "section"u8, AlertWords.Summary(alert), int.MaxValue);
        WriteFields(writer, alert);
        WriteLinks(writer, alert.Traces);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Color(AlertNotification notification) => notification.Type == NotificationType.Resolved
        ? "#2eb67d"
        : notification.Alert.Severity switch { AlertSeverity.Critical => "#e01e5a", AlertSeverity.Warning => "#ecb22e", _ => "#36c5f0" };

    private static void WriteBlock(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string text, int longest)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WritePropertyName("text"u8);
        WritePlain(writer, text.Length <= longest ? text : text[..(longest - 1)] + "…");
        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, AlertReport alert)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "section"u8);
        writer.WriteStartArray("fields"u8);
        foreach ((string name, string value) in AlertWords.Facts(alert).TakeLast(MostFields))
        {
            WritePlain(writer, $"{name}: {value}");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteLinks(Utf8JsonWriter writer, IReadOnlyList<AlertTrace> traces)
    {
        if (traces.Count == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "context"u8);
        writer.WriteStartArray("elements"u8);
        foreach (AlertTrace trace in traces.Take(MostFields))
        {
            // Nothing in it is from outside: an id, a number, and a link that we made.
            string label = $"{trace.TraceId} {AlertWords.Duration(trace)}";
            writer.WriteStartObject();
            writer.WriteString("type"u8, "mrkdwn"u8);
            writer.WriteString("text"u8, trace.ReportUrl is { } url ? $"<{Escape(url).Replace("|", "%7C", StringComparison.Ordinal)}|{Escape(label)}>" : Escape(label));
            writer.WriteBoolean("verbatim"u8, true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WritePlain(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "plain_text"u8);
        writer.WriteString("text"u8, Escape(text));
        writer.WriteBoolean("emoji"u8, false);
        writer.WriteEndObject();
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
