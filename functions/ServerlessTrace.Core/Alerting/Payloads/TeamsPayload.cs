using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>
/// A message with an Adaptive Card 1.4, as the webhook trigger of a Teams workflow takes it. Every text stands in a <c>TextRun</c>, which knows no Markdown,
/// unlike <c>TextBlock</c> and <c>Fact</c>: so no text from outside becomes a link or a list.
/// </summary>
internal static class TeamsPayload
{
    // A card shows so many buttons at most.
    private const int MostActions = 6;

    public static void Write(Utf8JsonWriter writer, AlertNotification notification)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message"u8);
        writer.WriteStartArray("attachments"u8);
        writer.WriteStartObject();
        writer.WriteString("contentType"u8, "application/vnd.microsoft.card.adaptive"u8);
        writer.WriteNull("contentUrl"u8);
        writer.WritePropertyName("content"u8);
        WriteCard(writer, notification);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCard(Utf8JsonWriter writer, AlertNotification notification)
    {
        AlertReport alert = notification.Alert;
        writer.WriteStartObject();
        writer.WriteString("$schema"u8, "http://adaptivecards.io/schemas/adaptive-card.json"u8);
        writer.WriteString("type"u8, "AdaptiveCard"u8);
        writer.WriteString("version"u8, "1.4"u8);
        writer.WriteStartObject("msteams"u8);
        writer.WriteString("width"u8, "Full"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("body"u8);
        WriteLine(writer, (AlertWords.Title(notification), true, Color(notification)));
        WriteLine(writer, (AlertWords.Summary(alert), false, null));
        foreach ((string name, string value) in AlertWords.Facts(alert))
        {
            WriteLine(writer, ($"{name}: ", true, null), (value, false, null));
        }

        writer.WriteEndArray();
        WriteActions(writer, alert.Traces);
        writer.WriteEndObject();
    }

    private static string Color(AlertNotification notification) => notification.Type == NotificationType.Resolved
        ? "Good"
        : notification.Alert.Severity switch { AlertSeverity.Critical => "Attention", AlertSeverity.Warning => "Warning", _ => "Accent" };

    private static void WriteLine(Utf8JsonWriter writer, params ReadOnlySpan<(string Text, bool IsBold, string? Color)> runs)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "RichTextBlock"u8);
        writer.WriteStartArray("inlines"u8);
        foreach ((string text, bool isBold, string? color) in runs)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "TextRun"u8);
            writer.WriteString("text"u8, Inert(text));
            if (isBold)
            {
                writer.WriteString("weight"u8, "Bolder"u8);
            }

            if (color is not null)
            {
                writer.WriteString("color"u8, color);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteActions(Utf8JsonWriter writer, IReadOnlyList<AlertTrace> traces)
    {
        writer.WriteStartArray("actions"u8);
        foreach (AlertTrace trace in traces.Where(static trace => trace.ReportUrl is not null).Take(MostActions))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "Action.OpenUrl"u8);
            writer.WriteString("title"u8, $"Trace {trace.TraceId[..Math.Min(8, trace.TraceId.Length)]} ({AlertWords.Duration(trace)})");
            writer.WriteString("url"u8, trace.ReportUrl);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>A space of no width inside what begins a function or a mention: neither <c>{{DATE(…)}}</c>, <c>${…}</c> nor <c>&lt;at&gt;</c> is one then.</summary>
    private static string Inert(string text) => text
        .Replace("{{", "{\u200b{", StringComparison.Ordinal)
        .Replace("${", "$\u200b{", StringComparison.Ordinal)
        .Replace("<at>", "<\u200bat>", StringComparison.OrdinalIgnoreCase);
}
