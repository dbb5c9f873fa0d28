using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessTrace.Cli.Context;

/// <summary>
/// A context and the "Trace Context Configuration" that goes with it, as YAML, JSON or environment variables. The YAML is written from the same
/// document: its texts are JSON's, which YAML 1.2 takes as they are.
/// </summary>
internal static class ContextDocument
{
    public const string Yaml = "yaml";
    public const string Json = "json";
    public const string Env = "env";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document in a format.</summary>
    /// <param name="context">The context.</param>
    /// <param name="ratio">The share of traces that the configuration samples.</param>
    /// <param name="format">The format.</param>
    public static string Write(NewContext context, double ratio, string format)
    {
        if (format == Env)
        {
            return string.Concat(context.Environment.Select(variable => $"{variable.Key}={variable.Value}\n"));
        }

        JsonObject document = Of(context, ratio);
        if (format == Json)
        {
            return document.ToJsonString(Readable) + "\n";
        }

        var yaml = new StringBuilder();
        WriteFields(yaml, document, 0);
        return yaml.ToString();
    }

    private static JsonObject Of(NewContext context, double ratio) => new()
    {
        ["service"] = context.Service,
        ["trace_id"] = context.TraceId,
        ["span_id"] = context.SpanId,
        ["headers"] = Of(context.Headers),
        ["envelope"] = new JsonObject { ["headers"] = Of(context.MessageHeaders), ["body"] = new JsonObject() },
        ["environment"] = Of(context.Environment),
        ["sql_comment"] = context.SqlComment,
        ["tracing"] = Configuration(ratio),
    };

    private static JsonObject Configuration(double ratio) => new()
    {
        ["standard"] = "W3C TraceContext",
        ["headers"] = new JsonObject
        {
            ["traceparent"] = "traceparent",
            ["tracestate"] = "tracestate",
            ["baggage"] = "baggage",
            ["correlation_id"] = "X-Correlation-Id",
            ["request_id"] = "X-Request-Id",
        },
        ["propagation"] = new JsonObject { ["http"] = true, ["messaging"] = true, ["database"] = true, ["rpc"] = true },
        ["sampling"] = new JsonObject { ["strategy"] = "probability", ["rate"] = ratio, ["decision_deferred"] = false },
        ["span_logging"] = new JsonObject
        {
            ["enabled"] = true,
            ["format"] = "json",
            ["include_fields"] = Texts("timestamp", "service", "trace_id", "span_id", "parent_span_id", "span_name", "span_kind", "event", "duration_ms", "status"),
            ["events"] = Texts("span_start", "span_end", "span_event", "span_error"),
        },
        ["correlation"] = new JsonObject { ["business_ids"] = Texts("order_id", "user_id", "transaction_id", "session_id") },
    };

    private static JsonObject Of(IReadOnlyDictionary<string, string> texts) =>
        new(texts.Select(text => KeyValuePair.Create(text.Key, (JsonNode?)JsonValue.Create(text.Value))));

    private static JsonArray Texts(params string[] texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static void WriteFields(StringBuilder yaml, JsonObject fields, int depth)
    {
        foreach ((string name, JsonNode? value) in fields)
        {
            yaml.Append(' ', depth * 2).Append(name).Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } inner:
                    yaml.Append('\n');
                    WriteFields(yaml, inner, depth + 1);
                    break;
                case JsonArray list:
                    yaml.Append('\n');
                    foreach (JsonNode? item in list)
                    {
                        yaml.Append(' ', (depth + 1) * 2).Append(CultureInfo.InvariantCulture, $"- {item}\n");
                    }

                    break;
                default:
                    yaml.Append(CultureInfo.InvariantCulture, $" {value?.ToJsonString(Readable)}\n");
                    break;
            }
        }
    }
}
