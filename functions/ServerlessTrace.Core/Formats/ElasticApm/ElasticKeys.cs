using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.ElasticApm;

/// <summary>The names that Elastic APM's events use, and the attributes that their fields become.</summary>
internal sealed class ElasticKeys(ReadLimits limits, JsonScanner json) : FieldKeys<ElasticField>(limits, json)
{
    /// <summary>The place of an event's fields.</summary>
    public const int Fields = 0;

    /// <summary>The place of labels and tags, whose names are the sender's.</summary>
    public const int Tags = 1;

    /// <summary>The place of the labels of everything that a process sends.</summary>
    public const int ResourceLabels = 2;

    public const int Database = 3;
    public const int System = 5;

    public AttributeKey Type => field ??= Attribute("elastic.type");

    public AttributeKey Result => field ??= Attribute("elastic.result");

    public AttributeKey Method => field ??= Attribute("http.request.method");

    public AttributeKey Url => field ??= Attribute("url.full");

    public AttributeKey StatusCode => field ??= Attribute("http.response.status_code");

    public AttributeKey User => field ??= Attribute("user.id");

    public AttributeKey PeerService => field ??= Attribute("peer.service");

    public AttributeKey ServerAddress => field ??= Attribute("server.address");

    public AttributeKey Queue => field ??= Attribute("messaging.destination.name");

    public AttributeKey MessagingSystem => field ??= Attribute("messaging.system");

    public AttributeKey DatabaseSystem => field ??= Attribute("db.system");

    public AttributeKey Level => field ??= Attribute("level");

    public AttributeKey ExceptionType => field ??= Attribute("exception.type");

    public AttributeKey ExceptionMessage => field ??= Attribute("exception.message");

    public AttributeKey Culprit => field ??= Attribute("elastic.culprit");

    public AttributeKey Version => field ??= Attribute("service.version", AttributeScope.Resource);

    public AttributeKey Environment => field ??= Attribute(SpanLogFields.Environment, AttributeScope.Resource);

    public AttributeKey Instance => field ??= Attribute("service.instance.id", AttributeScope.Resource);

    /// <inheritdoc/>
    protected override FieldMeaning<ElasticField> Classify(string name, int place) => place switch
    {
        Tags => new FieldMeaning<ElasticField>(ElasticField.Other, name),
        ResourceLabels => new FieldMeaning<ElasticField>(ElasticField.Other, name, AttributeScope.Resource),
        Database => new FieldMeaning<ElasticField>(ElasticField.Other, name switch { "statement" => "db.query.text", "instance" => "db.namespace", "type" => "db.type", _ => $"db.{name}" }),
        System => new FieldMeaning<ElasticField>(
            ElasticField.Other,
            name switch { "configured_hostname" or "detected_hostname" or "hostname" => "host.name", _ => $"host.{name}" },
            AttributeScope.Resource),
        _ => new FieldMeaning<ElasticField>(FieldOf(name), name),
    };

    private static ElasticField FieldOf(string name) => name switch
    {
        "metadata" => ElasticField.Metadata,
        "transaction" => ElasticField.Transaction,
        "span" => ElasticField.Span,
        "error" => ElasticField.Error,
        "metricset" => ElasticField.Untraced,
        "id" => ElasticField.Id,
        "trace_id" => ElasticField.TraceId,
        "transaction_id" => ElasticField.TransactionId,
        "parent_id" => ElasticField.ParentId,
        "name" => ElasticField.Name,
        "type" => ElasticField.Type,
        "subtype" => ElasticField.Subtype,
        "timestamp" => ElasticField.Timestamp,
        "start" => ElasticField.Start,
        "duration" => ElasticField.Duration,
        "outcome" => ElasticField.Outcome,
        "result" => ElasticField.Result,
        "context" => ElasticField.Context,
        "tags" => ElasticField.Tags,
        "request" => ElasticField.Request,
        "response" => ElasticField.Response,
        "http" => ElasticField.Http,
        "db" => ElasticField.Database,
        "destination" => ElasticField.Destination,
        "message" => ElasticField.Message,
        "queue" => ElasticField.Queue,
        "service" => ElasticField.Service,
        "target" => ElasticField.Target,
        "resource" => ElasticField.Resource,
        "url" => ElasticField.Url,
        "user" => ElasticField.User,
        "otel" => ElasticField.OpenTelemetry,
        "span_kind" => ElasticField.SpanKind,
        "attributes" => ElasticField.Attributes,
        "links" => ElasticField.Links,
        "exception" => ElasticField.Exception,
        "log" => ElasticField.Log,
        "culprit" => ElasticField.Culprit,
        "version" => ElasticField.Version,
        "environment" => ElasticField.Environment,
        "node" => ElasticField.Node,
        "system" => ElasticField.System,
        "cloud" => ElasticField.Cloud,
        "labels" => ElasticField.Labels,
        "status_code" => ElasticField.Code,
        "method" => ElasticField.Method,
        "full" => ElasticField.Full,
        "address" => ElasticField.Address,
        "handled" => ElasticField.Handled,
        "level" => ElasticField.Level,
        "configured_name" => ElasticField.ConfiguredName,
        _ => ElasticField.Other,
    };
}
