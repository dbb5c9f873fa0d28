using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>The names that OpenTelemetry's SDKs print: Python's in snake_case, Go's in PascalCase, JavaScript's in camelCase.</summary>
internal sealed class SdkKeys(ReadLimits limits, JsonScanner json) : FieldKeys<SdkField>(limits, json)
{
    /// <summary>The place of fields.</summary>
    public const int Fields = 0;

    /// <summary>The place of a span's, event's or link's attributes.</summary>
    public const int Attributes = 1;

    /// <summary>The place of a resource's attributes.</summary>
    public const int Resource = 2;

    public AttributeKey ServiceName => field ??= Attribute("service.name", AttributeScope.Resource);

    public AttributeKey ScopeName => field ??= Attribute("otel.scope.name", AttributeScope.Instrumentation);

    public AttributeKey ScopeVersion => field ??= Attribute("otel.scope.version", AttributeScope.Instrumentation);

    /// <inheritdoc/>
    protected override FieldMeaning<SdkField> Classify(string name, int place) => place switch
    {
        Attributes => new FieldMeaning<SdkField>(SdkField.Other, name),
        Resource => new FieldMeaning<SdkField>(FieldOf(name) is SdkField.Attributes ? SdkField.Attributes : SdkField.Other, name, AttributeScope.Resource),
        _ => new FieldMeaning<SdkField>(FieldOf(name), name),
    };

    private static SdkField FieldOf(string name) => SpanLogFields.Spell(name) switch
    {
        "name" => SdkField.Name,
        "context" or "spancontext" => SdkField.Context,
        "parent" or "parentspancontext" => SdkField.Parent,
        "parentid" or "parentspanid" => SdkField.ParentId,
        "traceid" => SdkField.TraceId,
        "spanid" or "id" => SdkField.SpanId,
        "tracestate" => SdkField.TraceState,
        "kind" or "spankind" => SdkField.Kind,
        "starttime" or "start" => SdkField.StartTime,
        "endtime" or "end" => SdkField.EndTime,
        "timestamp" or "time" => SdkField.Time,
        "duration" => SdkField.Duration,
        "status" => SdkField.Status,
        "statuscode" or "code" or "canonicalcode" => SdkField.StatusCode,
        "description" or "message" or "statusdescription" => SdkField.Description,
        "attributes" => SdkField.Attributes,
        "events" => SdkField.Events,
        "links" => SdkField.Links,
        "resource" => SdkField.Resource,
        "instrumentationscope" or "instrumentationlibrary" or "instrumentationinfo" => SdkField.Scope,
        "version" => SdkField.Version,
        "key" => SdkField.Key,
        "value" => SdkField.Value,
        _ => SdkField.Other,
    };
}
