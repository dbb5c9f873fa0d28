using System.Text.Json;
using ServerlessTrace.Core.Formats.AzureMonitor;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Formats.SpanLogs;
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
                // Zipkin's times are numbers, by some senders as text; a classic Azure table has a date here.
                bool isNumber = json.Read()
                    && (json.TokenType == JsonTokenType.Number || (json.TokenType == JsonTokenType.String && LoggedId.IsDecimal(json.ValueSpan)));
                return isNumber ? ObjectFields.None : ObjectFields.NotZipkin;
            case "localEndpoint":
                return Reads(ref json, JsonTokenType.StartObject) ? ObjectFields.ZipkinEndpoint : ObjectFields.None;
            case "kind":
                return !json.Read() || json.TokenType is JsonTokenType.String or JsonTokenType.Null
                    ? (json.ValueSpan.StartsWith("SpanKind."u8) ? ObjectFields.SdkSpan | ObjectFields.NotZipkin : ObjectFields.None)
                    : ObjectFields.NotZipkin;
            case "parentId" or "name" or "duration" or "remoteEndpoint" or "annotations" or "binaryAnnotations" or "tags"
                or "debug" or "shared" or "timestamp_millis" or "_q":
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
            case "SpanContext":
                return Has(json, "TraceID", "SpanID") ? ObjectFields.SdkContext | ObjectFields.SdkSpan : ObjectFields.None;
            case "context":
                return Has(json, "trace_id", "span_id") ? ObjectFields.SdkContext
                    : Has(json, "operation") || Has(json, "data") ? ObjectFields.AzureItemContext
                    : ObjectFields.None;
            case "start_time":
                return ObjectFields.SdkSpan | (Reads(ref json, JsonTokenType.Number) ? ObjectFields.XRayTime : ObjectFields.None);
            case "parent_id" or "end_time":
                return ObjectFields.SdkSpan;
            case "instrumentationScope" or "instrumentationLibrary" or "parentSpanContext":
                return ObjectFields.SdkScope;
            case "trace_id":
                return OfTraceId(ref json);
            case "Traces":
                return HasInFirst(json, "Segments") ? ObjectFields.XRayAnswer : ObjectFields.None;
            case "format":
                return ReadsText(ref json) && json.ValueTextEquals("json"u8) ? ObjectFields.XRayFormat : ObjectFields.None;
            case "version":
                return Reads(ref json, JsonTokenType.Number) ? ObjectFields.XRayVersion : ObjectFields.None;
            case "transaction" or "span":
                return Has(json, "id", "trace_id", "duration") ? ObjectFields.ElasticEvent : ObjectFields.None;
            case "error":
                return Has(json, "id", "exception") || Has(json, "id", "log", "trace_id") ? ObjectFields.ElasticEvent : ObjectFields.None;
            case "metadata":
                return HasInside(json, "service", "agent") ? ObjectFields.ElasticEvent
                    : HasInside(json, "service", "name") ? ObjectFields.ElasticMetadata
                    : ObjectFields.None;
            case "metricset":
                return Has(json, "samples") ? ObjectFields.ElasticEvent : ObjectFields.None;
            case "start":
                return Reads(ref json, JsonTokenType.Number) ? ObjectFields.DatadogStart : ObjectFields.None;
            case "meta" or "metrics":
                return Reads(ref json, JsonTokenType.StartObject) ? ObjectFields.DatadogTags : ObjectFields.None;
            case "resource":
                return ReadsText(ref json) ? ObjectFields.DatadogTags : ObjectFields.None;
            case "data":
                return Has(json, "baseType") || Has(json, "baseData") ? ObjectFields.AzureEnvelope : ObjectFields.None;
            case "request" or "RemoteDependency" or "remoteDependency" or "basicException":
                return Reads(ref json, JsonTokenType.StartArray) ? ObjectFields.AzureItems : ObjectFields.None;
            case "_shards" or "aggregations" or "timed_out":
                return ObjectFields.SearchAnswer;
            case "message" or "event":
                return Reads(ref json, JsonTokenType.StartArray) ? ObjectFields.AzureItems : ObjectFields.LogLine;
            case "msg" or "level" or "severity" or "logger" or "span_name" or "@t" or "@timestamp":
                return ObjectFields.LogLine;
            default:
                return ObjectFields.None;
        }
    }

    /// <summary>An id in three parts is X-Ray's, a number, or a text as short as one, Datadog's.</summary>
    private static ObjectFields OfTraceId(ref Utf8JsonReader json)
    {
        bool isText = json.Read() && json.TokenType == JsonTokenType.String;
        return isText && json.ValueSpan.StartsWith("1-"u8) ? ObjectFields.XRayTraceId
            : json.TokenType == JsonTokenType.Number || (isText && json.ValueSpan.Length is > 0 and <= 20) ? ObjectFields.DatadogTraceId
            : ObjectFields.None;
    }

    /// <summary>Whether the value of the field at which a reader stands is an object with all of some fields.</summary>
    private static bool Has(Utf8JsonReader json, params ReadOnlySpan<string> names)
    {
        int found = 0;
        bool isObject = json.Read() && json.TokenType == JsonTokenType.StartObject;
        while (isObject && found < names.Length && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            foreach (string name in names)
            {
                found += json.ValueTextEquals(name) ? 1 : 0;
            }

            isObject = found == names.Length || (json.Read() && json.TrySkip());
        }

        return isObject && found == names.Length;
    }

    private static bool HasInFirst(Utf8JsonReader json, string name)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        // An array's first value is like a field's.
        return Has(json, name);
    }

    private static bool HasInside(Utf8JsonReader json, string field, string name)
    {
        bool isObject = json.Read() && json.TokenType == JsonTokenType.StartObject;
        while (isObject && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals(field))
            {
                return Has(json, name);
            }

            isObject = json.Read() && json.TrySkip();
        }

        return false;
    }

    private static bool ReadsText(ref Utf8JsonReader json) => Reads(ref json, JsonTokenType.String);

    private static bool Reads(ref Utf8JsonReader json, JsonTokenType token) => json.Read() && json.TokenType == token;
}
