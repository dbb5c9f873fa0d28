using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessTrace.Benchmarks.Parsing;

/// <summary>A span-log record as one would declare it for <see cref="JsonSerializer"/>.</summary>
internal sealed class SpanLogLine
{
    [JsonPropertyName("timestamp")]
    public DateTimeOffset Timestamp { get; set; }

    [JsonPropertyName("level")]
    public string? Level { get; set; }

    [JsonPropertyName("trace_id")]
    public string? TraceId { get; set; }

    [JsonPropertyName("span_id")]
    public string? SpanId { get; set; }

    [JsonPropertyName("parent_span_id")]
    public string? ParentSpanId { get; set; }

    [JsonPropertyName("span_name")]
    public string? SpanName { get; set; }

    [JsonPropertyName("span_kind")]
    public string? SpanKind { get; set; }

    [JsonPropertyName("event")]
    public string? Event { get; set; }

    [JsonPropertyName("duration_ms")]
    public double DurationMs { get; set; }

    [JsonPropertyName("status")]
    public string? Status { get; set; }

    [JsonPropertyName("error_code")]
    public string? ErrorCode { get; set; }

    [JsonPropertyName("error_message")]
    public string? ErrorMessage { get; set; }

    [JsonPropertyName("service")]
    public string? Service { get; set; }

    [JsonPropertyName("attributes")]
    public Dictionary<string, JsonElement>? Attributes { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
