using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Datadog;

/// <summary>The names that Datadog's spans use, and the attributes that their fields become.</summary>
internal sealed class DatadogKeys(ReadLimits limits, JsonScanner json) : FieldKeys<DatadogField>(limits, json)
{
    /// <summary>The place of a span's fields.</summary>
    public const int Fields = 0;

    /// <summary>The place of tags: texts in <c>meta</c>, numbers in <c>metrics</c>.</summary>
    public const int Tags = 1;

    public AttributeKey Operation => field ??= Attribute("datadog.operation");

    public AttributeKey Type => field ??= Attribute("datadog.type");

    public AttributeKey Environment => field ??= Attribute(SpanLogFields.Environment, AttributeScope.Resource);

    public AttributeKey Version => field ??= Attribute("service.version", AttributeScope.Resource);

    public AttributeKey DatabaseSystem => field ??= Attribute("db.system");

    public AttributeKey ExceptionType => field ??= Attribute("exception.type");

    public AttributeKey ExceptionStackTrace => field ??= Attribute("exception.stacktrace");

    /// <inheritdoc/>
    protected override FieldMeaning<DatadogField> Classify(string name, int place) => place == Tags ? new FieldMeaning<DatadogField>(TagOf(name), TagName(name)) : new FieldMeaning<DatadogField>(FieldOf(name), name);

    private static DatadogField TagOf(string name) => name switch
    {
        "_dd.p.tid" => DatadogField.HighTraceId,
        "env" => DatadogField.Environment,
        "version" => DatadogField.Version,
        "span.kind" => DatadogField.SpanKind,
        "error.message" or "error.msg" => DatadogField.ErrorMessage,
        "error.type" => DatadogField.ErrorType,
        "error.stack" => DatadogField.ErrorStack,
        _ => DatadogField.Other,
    };

    private static string TagName(string name) => name switch
    {
        "http.status_code" => "http.response.status_code",
        "http.method" => "http.request.method",
        "http.url" => "url.full",
        "out.host" => "server.address",
        "db.type" => "db.system",
        "db.instance" => "db.namespace",
        _ => name,
    };

    private static DatadogField FieldOf(string name) => name switch
    {
        "trace_id" => DatadogField.TraceId,
        "span_id" => DatadogField.SpanId,
        "parent_id" => DatadogField.ParentId,
        "name" => DatadogField.Name,
        "resource" => DatadogField.Resource,
        "service" => DatadogField.Service,
        "type" => DatadogField.Type,
        "start" => DatadogField.Start,
        "duration" => DatadogField.Duration,
        "error" => DatadogField.Error,
        "meta" => DatadogField.Meta,
        "metrics" => DatadogField.Metrics,
        _ => DatadogField.Other,
    };
}
