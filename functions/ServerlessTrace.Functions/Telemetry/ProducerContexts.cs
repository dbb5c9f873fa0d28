using System.Diagnostics;
using System.Text.Json;

namespace ServerlessTrace.Functions.Telemetry;

/// <summary>Trace contexts of those who sent something, as it is carried along with what they sent (W3C Trace Context).</summary>
internal static class ProducerContexts
{
    /// <summary>The metadata of a blob that holds contexts, separated by commas; also what producers of blobs may set.</summary>
    public const string Metadata = "traceparent";

    /// <summary>Contexts kept of a group: metadata is short, and a span with very many links helps nobody.</summary>
    public const int Kept = 32;

    /// <summary>The context of what runs now, to be carried along; null where it is not recorded.</summary>
    public static string? Current => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>Links to the contexts in a blob's metadata.</summary>
    public static List<ActivityLink> Of(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(Metadata, out string? contexts) ? Parse(contexts.Split(',', Kept + 1)) : [];

    /// <summary>Links to the context in the headers of a message's envelope, or beside its body.</summary>
    public static List<ActivityLink> Of(ReadOnlyMemory<byte> message)
    {
        // Nearly all messages are bare span logs, and need not be read as JSON twice.
        if (message.Span.IndexOf("traceparent"u8) < 0)
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(message);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && (Find(root, "headers") is { } headers ? Find(headers, Metadata) : Find(root, Metadata)) is { ValueKind: JsonValueKind.String } context
                ? Parse([context.GetString()!])
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement found) ? found : null;

    private static List<ActivityLink> Parse(string[] contexts)
    {
        var links = new List<ActivityLink>();
        foreach (string context in contexts.Take(Kept))
        {
            if (ActivityContext.TryParse(context.Trim(), null, isRemote: true, out ActivityContext parsed))
            {
                links.Add(new ActivityLink(parsed));
            }
        }

        return links;
    }
}
