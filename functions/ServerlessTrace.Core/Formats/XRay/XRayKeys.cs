using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.XRay;

/// <summary>
/// The names that X-Ray's documents use, and the attributes that their fields become: those of OpenTelemetry's semantic conventions where these have one,
/// as the exporter for X-Ray of OpenTelemetry's Collector maps them.
/// </summary>
internal sealed class XRayKeys(ReadLimits limits, JsonScanner json) : FieldKeys<XRayField>(limits, json)
{
    /// <summary>The place of a segment's, a cause's or an exception's fields.</summary>
    public const int Fields = 0;

    /// <summary>The place of annotations, whose names are the sender's.</summary>
    public const int Annotations = 1;

    public const int Request = 2;
    public const int Response = 3;
    public const int Aws = 4;
    public const int Sql = 5;

    /// <summary>The place of metadata, whose names are namespaces of the sender's.</summary>
    public const int Metadata = 6;

    public AttributeKey PeerService => field ??= Attribute("peer.service");

    public AttributeKey Throttled => field ??= Attribute("aws.xray.throttle");

    public AttributeKey Origin => field ??= Attribute("cloud.platform", AttributeScope.Resource);

    public AttributeKey Version => field ??= Attribute("service.version", AttributeScope.Resource);

    public AttributeKey User => field ??= Attribute("user.id");

    public AttributeKey ExceptionType => field ??= Attribute("exception.type");

    public AttributeKey ExceptionMessage => field ??= Attribute("exception.message");

    public AttributeKey ExceptionStackTrace => field ??= Attribute("exception.stacktrace");

    /// <inheritdoc/>
    protected override FieldMeaning<XRayField> Classify(string name, int place) => place switch
    {
        Annotations => new FieldMeaning<XRayField>(XRayField.Other, name),
        Metadata => new FieldMeaning<XRayField>(XRayField.Other, $"aws.xray.metadata.{name}"),
        Request => new FieldMeaning<XRayField>(XRayField.Other, RequestAttribute(name)),
        Response => new FieldMeaning<XRayField>(XRayField.Other, ResponseAttribute(name)),
        Aws => new FieldMeaning<XRayField>(XRayField.Other, AwsAttribute(name)),
        Sql => new FieldMeaning<XRayField>(XRayField.Other, SqlAttribute(name)),
        _ => new FieldMeaning<XRayField>(FieldOf(name), name),
    };

    private static string RequestAttribute(string name) => name switch
    {
        "method" => "http.request.method",
        "url" => "url.full",
        "client_ip" => "client.address",
        "user_agent" => "user_agent.original",
        _ => $"aws.xray.request.{name}",
    };

    private static string ResponseAttribute(string name) => name switch
    {
        "status" => "http.response.status_code",
        "content_length" => "http.response.body.size",
        _ => $"aws.xray.response.{name}",
    };

    private static string AwsAttribute(string name) => name switch
    {
        "operation" => "rpc.method",
        "region" => "cloud.region",
        "account_id" => "cloud.account.id",
        "request_id" => "aws.request_id",
        "queue_url" => "aws.sqs.queue.url",
        "table_name" => "aws.dynamodb.table_name",
        _ => $"aws.{name}",
    };

    private static string SqlAttribute(string name) => name switch
    {
        "sanitized_query" => "db.query.text",
        "url" => "db.connection_string",
        "connection_string" => "db.connection_string",
        "database_type" => "db.system",
        "user" => "db.user",
        _ => $"db.{name}",
    };

    private static XRayField FieldOf(string name) => name switch
    {
        "trace_id" => XRayField.TraceId,
        "id" => XRayField.Id,
        "parent_id" => XRayField.ParentId,
        "name" => XRayField.Name,
        "start_time" => XRayField.StartTime,
        "end_time" => XRayField.EndTime,
        "namespace" => XRayField.Namespace,
        "http" => XRayField.Http,
        "request" => XRayField.Request,
        "response" => XRayField.Response,
        "aws" => XRayField.Aws,
        "sql" => XRayField.Sql,
        "annotations" => XRayField.Annotations,
        "metadata" => XRayField.Metadata,
        "error" => XRayField.Error,
        "fault" => XRayField.Fault,
        "throttle" => XRayField.Throttle,
        "cause" => XRayField.Cause,
        "exceptions" => XRayField.Exceptions,
        "message" => XRayField.Message,
        "type" => XRayField.Type,
        "stack" => XRayField.Stack,
        "path" => XRayField.Path,
        "line" => XRayField.Line,
        "label" => XRayField.Label,
        "service" => XRayField.Service,
        "version" => XRayField.Version,
        "subsegments" => XRayField.Subsegments,
        "origin" => XRayField.Origin,
        "user" => XRayField.User,
        "Document" => XRayField.Document,
        _ => XRayField.Other,
    };
}
