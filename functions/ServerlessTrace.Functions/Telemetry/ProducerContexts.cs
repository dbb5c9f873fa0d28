using System.Diagnostics;
using System.Text.Json;
using ServerlessTrace.Instrumentation.Messaging;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Functions.Telemetry;

/// <summary>Trace contexts of those who sent something, as it is carried along with what they sent (W3C Trace Context).</summary>
internal static class ProducerContexts
{
    /// <summary>The metadata of a blob that holds contexts, separated by commas; also what producers of blobs may set.</summary>
    public const string Metadata = "traceparent";

    /// <summary>Contexts kept of a group: metadata is short, and a span with very many links helps nobody.</summary>
    public const int Kept = 32;

    /// <summary>Links to the contexts in a blob's metadata.</summary>
    public static List<ActivityLink> Of(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(Metadata, out string? contexts) ? Parse(contexts.Split(',', Kept + 1)) : [];

    /// <summary>A link to the context in the headers of a message's envelope, if that was recorded.</summary>
    public static List<ActivityLink> Of(MessageEnvelope message) =>
        [.. WorkContext.Links([message.Context]).Where(link => (link.Context.TraceFlags & ActivityTraceFlags.Recorded) != 0)];

    /// <summary>Links to the context in the headers of a message's envelope, or beside its body.</summary>
    public static List<ActivityLink> Of(ReadOnlyMemory<byte> message)
    {
        // Nearly all messages are bare span logs, and need not be read as JSON twice.
        if (message.Span.IndexOf("traceparent"u8) < 0)
        {
            return [];
        }

        var envelope = MessageEnvelope.Read(BinaryData.FromBytes(message));
        return envelope.Context != default ? [.. WorkContext.Links([envelope.Context])] : Beside(envelope.Body);
    }

    private static List<ActivityLink> Beside(BinaryData body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(Metadata, out JsonElement context) && context.ValueKind == JsonValueKind.String
                ? Parse([context.GetString()!])
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

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
