using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.Silences;

namespace ServerlessTrace.Core.Alerting.Rules.Json;

/// <summary>Reads and writes rules and silences as JSON.</summary>
public static class RuleDocument
{
    /// <summary>The most bytes of a rule's JSON.</summary>
    public const int MaxBytes = 32 * 1024;

    private static readonly Dictionary<string, JsonTypeInfo> Kinds = new(StringComparer.Ordinal)
    {
        [TraceDurationRule.KindName] = RuleJson.TypeOf<TraceDurationRule>(),
        [SpanDurationRule.KindName] = RuleJson.TypeOf<SpanDurationRule>(),
        [ErrorRule.KindName] = RuleJson.TypeOf<ErrorRule>(),
        [MissingSpanRule.KindName] = RuleJson.TypeOf<MissingSpanRule>(),
        [AttributeRule.KindName] = RuleJson.TypeOf<AttributeRule>(),
        [WindowRule.KindName] = RuleJson.TypeOf<WindowRule>(),
        [BaselineRule.KindName] = RuleJson.TypeOf<BaselineRule>(),
        [OutlierRule.KindName] = RuleJson.TypeOf<OutlierRule>(),
        [BurnRateRule.KindName] = RuleJson.TypeOf<BurnRateRule>(),
    };

    private static readonly Dictionary<string, string> Hints = new(StringComparer.Ordinal)
    {
        ["over"] = "a duration such as 500ms or 2s",
        ["latency"] = "a duration such as 300ms",
        ["window"] = "whole minutes such as 5m",
        ["for"] = "a duration such as 5m",
        ["resolveAfter"] = "a duration such as 2m",
        ["repeatInterval"] = "a duration such as 4h",
        ["interval"] = "a duration such as 5m",
        ["above"] = "a limit such as 500ms, 5% or 10/s",
        ["below"] = "a limit such as 500ms, 5% or 10/s",
        ["minimumEffect"] = "a limit such as 50ms, 1% or 10/s",
        ["statistic"] = Statistics.Names,
        ["severity"] = "info, warning or critical",
        ["against"] = "hour, day or week",
        ["of"] = "spans or traces",
        ["is"] = "equal, not-equal, above, at-least, below, at-most, contains or present",
        ["from"] = "a time such as 2026-02-26T18:00:00Z",
        ["until"] = "a time such as 2026-02-26T18:00:00Z",
        ["groupBy"] = "a list such as [\"service\", \"operation\"]",
        ["by"] = "a list such as [\"service\"]",
        ["value"] = "a text in quotes",
    };

    /// <summary>Reads a rule and checks it.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="id">The id it is to have; null to take its own.</param>
    /// <returns>The rule; or null and what is wrong, in sentences.</returns>
    public static (AlertRule? Rule, IReadOnlyList<string> Problems) Read(ReadOnlyMemory<byte> json, string? id)
    {
        (JsonObject? read, string? problem) = ReadObject(json, id);
        if (read is null)
        {
            return (null, [problem!]);
        }

        string? kind = read["kind"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        if (kind is null || !Kinds.TryGetValue(kind, out JsonTypeInfo? type))
        {
            return (null, [$"'kind' must be one of {string.Join(", ", Kinds.Keys)}{(kind is null ? string.Empty : $", not '{Cut(kind)}'")}."]);
        }

        (object? rule, problem) = Deserialize(read, type);
        List<string> problems = rule is AlertRule parsed ? [.. parsed.FindProblems()] : [problem!];
        return problems.Count == 0 ? ((AlertRule)rule!, []) : (null, problems);
    }

    /// <summary>Reads a silence and checks it; it begins now where it does not say when.</summary>
    /// <returns>The silence; or null and what is wrong, in sentences.</returns>
    public static (Silence? Silence, IReadOnlyList<string> Problems) ReadSilence(ReadOnlyMemory<byte> json, string? id, DateTimeOffset now)
    {
        (JsonObject? read, string? problem) = ReadObject(json, id);
        if (read is null)
        {
            return (null, [problem!]);
        }

        (object? found, problem) = Deserialize(read, RuleJson.TypeOf<Silence>());
        if (found is not Silence silence)
        {
            return (null, [problem!]);
        }

        silence = silence.From == default ? silence with { From = now } : silence;
        List<string> problems = [.. silence.FindProblems()];
        return problems.Count == 0 ? (silence, []) : (null, problems);
    }

    /// <summary>Writes a rule; reading it again gives the same.</summary>
    public static byte[] Write(AlertRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Write(rule, Kinds[rule.Kind]);
    }

    /// <summary>Writes a silence; reading it again gives the same.</summary>
    public static byte[] Write(Silence silence) => Write(silence, RuleJson.TypeOf<Silence>());

    private static byte[] Write(object value, JsonTypeInfo type)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.Default }))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static (JsonObject? Read, string? Problem) ReadObject(ReadOnlyMemory<byte> json, string? id)
    {
        if (json.Length > MaxBytes)
        {
            return (null, $"It has {json.Length} bytes; up to {MaxBytes} are read.");
        }

        try
        {
            if (JsonNode.Parse(json.Span, null, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false }) is not JsonObject read)
            {
                return (null, "A JSON object is expected.");
            }

            if (id is not null)
            {
                if (read["id"] is { } own && !(own is JsonValue value && value.TryGetValue(out string? text) && text == id))
                {
                    return (null, $"'id' must be '{id}', as in the address; or leave it out.");
                }

                read["id"] = id;
            }

            return (read, null);
        }
        catch (JsonException exception)
        {
            return (null, $"It is no JSON: line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.");
        }
    }

    private static (object? Value, string? Problem) Deserialize(JsonObject json, JsonTypeInfo type)
    {
        try
        {
            return (json.Deserialize(type), null);
        }
        catch (JsonException exception)
        {
            return (null, Describe(json, exception, type));
        }
    }

    private static string Describe(JsonObject json, JsonException exception, JsonTypeInfo type)
    {
        string? unknown = json.Select(property => property.Key).FirstOrDefault(name => type.Properties.All(property => property.Name != name));
        if (unknown is not null)
        {
            return $"'{Cut(unknown)}' is not known here. What is: {string.Join(", ", type.Properties.Select(property => property.Name))}.";
        }

        string path = exception.Path is { Length: > 2 } at ? at[2..] : "the rule";
        string name = path.Split('.')[^1].Split('[')[0];
        return Hints.TryGetValue(name, out string? hint) ? $"'{Cut(path)}' must be {hint}." : $"'{Cut(path)}' cannot be read: it has the wrong type, or is not known here.";
    }

    private static string Cut(string text) => text.Length <= AlertRule.LongestText ? text : text[..AlertRule.LongestText] + "…";
}
