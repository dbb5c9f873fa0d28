using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>The names that a source of Jaeger's uses, those of tags among them.</summary>
internal sealed class JaegerKeys(ReadLimits limits, JsonScanner json) : FieldKeys<JaegerField>(limits, json)
{
    /// <summary>The place of a field of Jaeger's.</summary>
    public const int Fields = 0;

    /// <summary>The place of a span's or log's tags, whose names are values.</summary>
    public const int Tags = 1;

    /// <summary>The place of a process' tags.</summary>
    public const int ProcessTags = 2;

    /// <summary>The place of tags that are an object's fields, as Elasticsearch may hold them, with <c>@</c> for each dot.</summary>
    public const int TagFields = 3;

    /// <summary>The same of a process.</summary>
    public const int ProcessTagFields = 4;

    public AttributeKey SpanKind => field ??= Attribute("span.kind");

    public AttributeKey StatusCode => field ??= Attribute("otel.status_code");

    public AttributeKey StatusDescription => field ??= Attribute("otel.status_description");

    public AttributeKey Error => field ??= Attribute("error");

    public AttributeKey TraceState => field ??= Attribute("w3c.tracestate");

    public AttributeKey ReferenceType => field ??= Attribute("opentracing.ref_type");

    /// <inheritdoc/>
    protected override FieldMeaning<JaegerField> Classify(string name, int place) => place switch
    {
        Tags => new FieldMeaning<JaegerField>(JaegerField.Other, name),
        ProcessTags => new FieldMeaning<JaegerField>(JaegerField.Other, name, AttributeScope.Resource),
        TagFields => new FieldMeaning<JaegerField>(JaegerField.Other, name.Replace('@', '.')),
        ProcessTagFields => new FieldMeaning<JaegerField>(JaegerField.Other, name.Replace('@', '.'), AttributeScope.Resource),
        _ => new FieldMeaning<JaegerField>(FieldOf(name), name),
    };

    private static JaegerField FieldOf(string name) => name switch
    {
        "traceID" => JaegerField.TraceId,
        "spanID" => JaegerField.SpanId,
        "parentSpanID" => JaegerField.ParentSpanId,
        "operationName" => JaegerField.OperationName,
        "references" => JaegerField.References,
        "startTime" => JaegerField.StartTime,
        "startTimeMillis" => JaegerField.StartTimeMillis,
        "duration" => JaegerField.Duration,
        "tags" => JaegerField.Tags,
        "tag" => JaegerField.TagFields,
        "logs" => JaegerField.Logs,
        "processID" => JaegerField.ProcessId,
        "process" => JaegerField.Process,
        "refType" => JaegerField.RefType,
        "timestamp" => JaegerField.Timestamp,
        "fields" => JaegerField.Fields,
        "key" => JaegerField.Key,
        "type" => JaegerField.Type,
        "value" => JaegerField.Value,
        "serviceName" => JaegerField.ServiceName,
        _ => JaegerField.Other,
    };
}
