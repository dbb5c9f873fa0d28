using System.Text.Json;

namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>JSON documents of formats that are known and not read: their names, and what to do instead.</summary>
internal static class ForeignDocuments
{
    /// <summary>The name of the format that a field belongs to; null for all others.</summary>
    /// <param name="json">A reader that stands on the field's name.</param>
    public static string? NameOf(Utf8JsonReader json)
    {
        if (json.ValueTextEquals("traceEvents"u8))
        {
            return json.Read() && json.TokenType == JsonTokenType.StartArray
                ? "Chrome's trace event format, as Perfetto and browsers use it, which has no trace ids: send what it was made from"
                : null;
        }

        if (json.ValueTextEquals("$schema"u8))
        {
            return json.Read() && json.TokenType == JsonTokenType.String && json.ValueSpan.IndexOf("speedscope"u8) >= 0 ? "a speedscope profile, not a trace: send spans" : null;
        }

        if (json.ValueTextEquals("traceSegmentId"u8) || json.ValueTextEquals("traceSegmentID"u8))
        {
            return "a segment of Apache SkyWalking: let an OpenTelemetry Collector with the skywalking receiver write OTLP";
        }

        if (json.ValueTextEquals("resourceProfiles"u8))
        {
            return json.Read() && json.TokenType == JsonTokenType.StartArray ? "OTLP profiles, not traces: send resourceSpans" : null;
        }

        if (json.ValueTextEquals("rootTraceName"u8) || json.ValueTextEquals("rootServiceName"u8))
        {
            return "the answer of Tempo's search, which has no spans: get each trace by its id";
        }

        if (json.ValueTextEquals("displayName"u8))
        {
            return HasText(json, "value"u8) ? "spans of Google Cloud Trace or OpenCensus: let an OpenTelemetry Collector write OTLP" : null;
        }

        if (json.ValueTextEquals("projectId"u8))
        {
            return HasSpansOfCloudTrace(json) ? "a trace of Google Cloud Trace: let an OpenTelemetry Collector write OTLP" : null;
        }

        return json.ValueTextEquals("log"u8) && HasText(json, "creator"u8) ? "an HTTP archive (HAR), not a trace: send spans" : null;
    }

    /// <summary>Whether a trace's id and its spans follow, and nothing else.</summary>
    private static bool HasSpansOfCloudTrace(Utf8JsonReader json)
    {
        bool isTrace = json.Read() && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("traceId"u8);
        return isTrace && json.Read() && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("spans"u8);
    }

    /// <summary>Whether the value of the field at which a reader stands is an object with a field.</summary>
    private static bool HasText(Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        bool isObject = json.Read() && json.TokenType == JsonTokenType.StartObject;
        while (isObject && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals(name))
            {
                return true;
            }

            isObject = json.Read() && json.TrySkip();
        }

        return false;
    }
}
