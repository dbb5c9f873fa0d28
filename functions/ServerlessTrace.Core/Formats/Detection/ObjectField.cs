using System.Text.Json;
using ServerlessTrace.Core.Formats.AzureMonitor;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>Reads one field of an object as evidence of the object's format.</summary>
internal static class ObjectField
{
    // As it is written: escapes make a name up to six times as long.
    private const int LongestName = 200;

    /// <summary>What a field tells; leaves the reader on the field's name or on the first token of its value.</summary>
    public static ObjectFields Read(ref Utf8JsonReader json)
    {
        if (json.ValueSpan.Length > LongestName)
        {
            return ObjectFields.NotZipkin;
        }

        OtlpField otlp = json.ValueIsEscaped || json.ValueTextEquals("batches"u8) ? OtlpField.Other : OtlpFieldNames.Of(json.ValueSpan);
        if (otlp is OtlpField.ResourceSpans or OtlpField.ResourceLogs or OtlpField.ResourceMetrics or OtlpField.ScopeSpans or OtlpField.ScopeLogs)
        {
            return !json.Read() || json.TokenType is JsonTokenType.StartArray or JsonTokenType.Null ? ObjectFields.Otlp : ObjectFields.NotZipkin;
        }

        Span<char> name = stackalloc char[LongestName];
        name = name[..json.CopyString(name)];
        switch (name)
        {
            case "traceId":
                return ReadsText(ref json) && TraceId.TryParse(json.ValueSpan, out _) ? ObjectFields.ZipkinTraceId : ObjectFields.NotZipkin;
            case "id":
                return ReadsText(ref json) && SpanId.TryParse(json.ValueSpan, out _) ? ObjectFields.ZipkinId : ObjectFields.NotZipkin;
            case "timestamp":
                // Zipkin's times are numbers; a classic Azure table has a text here.
                return json.Read() && json.TokenType == JsonTokenType.Number ? ObjectFields.None : ObjectFields.NotZipkin;
            case "parentId" or "name" or "kind" or "duration" or "localEndpoint" or "remoteEndpoint" or "annotations" or "tags" or "debug" or "shared":
                return ObjectFields.None;
            default:
                return ObjectFields.NotZipkin | Other(ref json, name);
        }
    }

    private static ObjectFields Other(ref Utf8JsonReader json, scoped ReadOnlySpan<char> name)
    {
        switch (name)
        {
            case "traceID":
                return ReadsText(ref json) ? ObjectFields.JaegerTraceId : ObjectFields.None;
            case "spanID":
                return ReadsText(ref json) ? ObjectFields.JaegerSpanId : ObjectFields.None;
            case "operationName":
                return ReadsText(ref json) ? ObjectFields.JaegerSpan : ObjectFields.None;
            case "references":
                return Reads(ref json, JsonTokenType.StartArray) ? ObjectFields.JaegerSpan : ObjectFields.None;
            case "processes":
                return Reads(ref json, JsonTokenType.StartObject) ? ObjectFields.JaegerProcesses : ObjectFields.None;
            case "spans":
                return Reads(ref json, JsonTokenType.StartArray) ? ObjectFields.JaegerSpans : ObjectFields.None;
            case "log":
                return ReadsText(ref json) ? ObjectFields.DockerLog : ObjectFields.None;
            case "stream":
                return ReadsText(ref json) && (json.ValueTextEquals("stdout"u8) || json.ValueTextEquals("stderr"u8)) ? ObjectFields.DockerStream : ObjectFields.None;
            case "Type" or "category" or "itemType":
                return ReadsText(ref json) && AzureTables.IsKnown(json.ValueSpan) ? ObjectFields.AzureTable : ObjectFields.None;
            case "OperationId" or "operation_Id" or "resourceId" or "ResourceGUID" or "cloud_RoleName" or "AppRoleName":
                return ObjectFields.AzureContext;
            case "message" or "msg" or "level" or "severity" or "logger" or "event" or "span_name" or "@t" or "@timestamp":
                return ObjectFields.LogLine;
            default:
                return ObjectFields.None;
        }
    }

    private static bool ReadsText(ref Utf8JsonReader json) => Reads(ref json, JsonTokenType.String);

    private static bool Reads(ref Utf8JsonReader json, JsonTokenType token) => json.Read() && json.TokenType == token;
}
