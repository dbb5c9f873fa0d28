using System.Buffers;
using System.Text.Json;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Messaging;

/// <summary>
/// A message with its context in its text, for queues that have no properties (Azure Queue storage):
/// <c>{"headers":{"traceparent":…,"correlation_id":…},"body":…}</c>.
/// </summary>
/// <param name="Context">The sender's context; empty where the message has none.</param>
/// <param name="Body">The body: JSON, or the whole message if it is no envelope.</param>
public readonly record struct MessageEnvelope(PropagationContext Context, BinaryData Body)
{
    private const int Depth = 64;

    /// <summary>Puts a JSON body into an envelope with the current context.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public static BinaryData Wrap(BinaryData body) => Wrap(body, WorkContext.Current);

    /// <summary>Puts a JSON body into an envelope.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public static BinaryData Wrap(BinaryData body, PropagationContext context)
    {
        ArgumentNullException.ThrowIfNull(body);
        var message = new ArrayBufferWriter<byte>(body.ToMemory().Length + 256);
        using var json = new Utf8JsonWriter(message);
        json.WriteStartObject();
        json.WriteStartObject("headers"u8);
        TracePropagators.Messages.Inject(context, json, static (to, name, value) => to.WriteString(name, value));
        json.WriteEndObject();
        json.WritePropertyName("body"u8);
        json.WriteRawValue(body);
        json.WriteEndObject();
        json.Flush();
        return BinaryData.FromBytes(message.WrittenMemory);
    }

    /// <summary>Reads a message, plain or base64. One that is no envelope has no context and is its own body; broken headers harm no message.</summary>
    public static MessageEnvelope Read(BinaryData message)
    {
        ArgumentNullException.ThrowIfNull(message);
        BinaryData text = Decoded(message);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.ToMemory(), new JsonDocumentOptions { MaxDepth = Depth });
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("headers"u8, out JsonElement headers) && headers.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("body"u8, out JsonElement body))
            {
                PropagationContext context = TracePropagators.Messages.Extract(default, headers, Values);
                return new MessageEnvelope(context, BinaryData.FromString(body.GetRawText()));
            }
        }
        catch (JsonException)
        {
            // Not JSON: a message like any other.
        }

        return new MessageEnvelope(default, text);
    }

    private static IEnumerable<string>? Values(JsonElement headers, string name)
    {
        foreach (JsonProperty header in headers.EnumerateObject())
        {
            if (header.Value.ValueKind == JsonValueKind.String && string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                yield return header.Value.GetString()!;
            }
        }
    }

    /// <summary>JSON begins with no letter of base64 but digits, <c>t</c>, <c>f</c> and <c>n</c>, which are no envelopes.</summary>
    private static BinaryData Decoded(BinaryData message)
    {
        ReadOnlySpan<byte> text = message.ToMemory().Span.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text.Length % 4 != 0 || text[0] == (byte)'{' || !System.Buffers.Text.Base64.IsValid(text))
        {
            return message;
        }

        byte[] decoded = new byte[text.Length];
        System.Buffers.Text.Base64.DecodeFromUtf8(text, decoded, out _, out int length);
        return length > 0 && decoded[0] == (byte)'{' ? BinaryData.FromBytes(decoded.AsMemory(0, length)) : message;
    }
}
