using System.Collections.Frozen;
using System.Text;
using ServerlessTrace.Core.Spans;
using FieldMeaning = ServerlessTrace.Core.Formats.Json.FieldMeaning<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// What the names of fields mean. Spelling does not matter: <c>trace_id</c>, <c>traceId</c>, <c>trace.id</c> and
/// <c>Trace-Id</c> are one name.
/// </summary>
internal static class SpanLogFields
{
    /// <summary>The resource attribute that names the environment (OpenTelemetry semantic conventions).</summary>
    public const string Environment = "deployment.environment.name";

    /// <summary>How strongly a resource says which service it is: less than a record does itself.</summary>
    public const int StrengthOfResourceService = 2;

    private const string ResourcePrefix = "resource.";
    private const string ResourceAttributesPrefix = "resource.attributes.";
    private const string ServicePrefix = "service.";

    private static readonly FrozenDictionary<string, SpanLogField> Fields = new Dictionary<string, SpanLogField>
    {
        ["traceid"] = SpanLogField.TraceId,
        ["oteltraceid"] = SpanLogField.TraceId,
        ["spantraceid"] = SpanLogField.TraceId,
        ["tracetraceid"] = SpanLogField.TraceId,
        ["spanid"] = SpanLogField.SpanId,
        ["otelspanid"] = SpanLogField.SpanId,
        ["spanspanid"] = SpanLogField.SpanId,
        ["tracespanid"] = SpanLogField.SpanId,
        ["parentspanid"] = SpanLogField.ParentSpanId,
        ["parentid"] = SpanLogField.ParentSpanId,
        ["spanparentid"] = SpanLogField.ParentSpanId,
        ["spanparentspanid"] = SpanLogField.ParentSpanId,
        ["traceparentid"] = SpanLogField.ParentSpanId,
        ["xb3parentspanid"] = SpanLogField.ParentSpanId,
        ["xb3traceid"] = SpanLogField.OtherTraceId,
        ["xb3spanid"] = SpanLogField.OtherSpanId,
        ["logginggoogleapiscom/trace"] = SpanLogField.OtherTraceId,
        ["logginggoogleapiscom/spanid"] = SpanLogField.OtherSpanId,
        ["operationparentid"] = SpanLogField.OtherSpanId,
        ["transactionid"] = SpanLogField.OtherSpanId,
        ["ddtraceid"] = SpanLogField.DatadogTraceId,
        ["ddspanid"] = SpanLogField.DatadogSpanId,
        ["xraytraceid"] = SpanLogField.AwsTrace,
        ["awsxraytraceid"] = SpanLogField.AwsTrace,
        ["xamzntraceid"] = SpanLogField.AwsTrace,
        ["xcloudtracecontext"] = SpanLogField.CloudTraceContext,
        ["traceparent"] = SpanLogField.TraceParent,
        ["tracestate"] = SpanLogField.TraceState,
        ["spanname"] = SpanLogField.SpanName,
        ["operation"] = SpanLogField.SpanName,
        ["operationname"] = SpanLogField.SpanName,
        ["name"] = SpanLogField.Name,
        ["spankind"] = SpanLogField.Kind,
        ["kind"] = SpanLogField.Kind,
        ["event"] = SpanLogField.Event,
        ["eventname"] = SpanLogField.EventName,
        ["message"] = SpanLogField.Message,
        ["msg"] = SpanLogField.Message,
        ["renderedmessage"] = SpanLogField.Message,
        ["messagetemplate"] = SpanLogField.MessageTemplate,
        ["timestamp"] = SpanLogField.Timestamp,
        ["time"] = SpanLogField.Timestamp,
        ["ts"] = SpanLogField.Timestamp,
        ["timeunixnano"] = SpanLogField.Timestamp,
        ["date"] = SpanLogField.OtherTimestamp,
        ["datetime"] = SpanLogField.OtherTimestamp,
        ["asctime"] = SpanLogField.OtherTimestamp,
        ["instant"] = SpanLogField.OtherTimestamp,
        ["timemillis"] = SpanLogField.OtherTimestamp,
        ["timestampseconds"] = SpanLogField.OtherTimestamp,
        ["timegenerated"] = SpanLogField.OtherTimestamp,
        ["eventtime"] = SpanLogField.OtherTimestamp,
        ["realtimetimestamp"] = SpanLogField.OtherTimestamp,
        ["starttime"] = SpanLogField.StartTime,
        ["starttimestamp"] = SpanLogField.StartTime,
        ["starttimeunixnano"] = SpanLogField.StartTime,
        ["startunixnano"] = SpanLogField.StartTime,
        ["startedat"] = SpanLogField.StartTime,
        ["endtime"] = SpanLogField.EndTime,
        ["endtimestamp"] = SpanLogField.EndTime,
        ["endtimeunixnano"] = SpanLogField.EndTime,
        ["endunixnano"] = SpanLogField.EndTime,
        ["endedat"] = SpanLogField.EndTime,
        ["durationms"] = SpanLogField.DurationMs,
        ["durationmillis"] = SpanLogField.DurationMs,
        ["durationus"] = SpanLogField.DurationUs,
        ["durationmicros"] = SpanLogField.DurationUs,
        ["durationns"] = SpanLogField.DurationNs,
        ["durationnano"] = SpanLogField.DurationNs,
        ["durationnanos"] = SpanLogField.DurationNs,
        ["status"] = SpanLogField.Status,
        ["statuscode"] = SpanLogField.StatusCode,
        ["statusmessage"] = SpanLogField.StatusMessage,
        ["error"] = SpanLogField.Error,
        ["errorcode"] = SpanLogField.ErrorCode,
        ["errortype"] = SpanLogField.ErrorCode,
        ["exceptiontype"] = SpanLogField.ErrorCode,
        ["errormessage"] = SpanLogField.ErrorMessage,
        ["exceptionmessage"] = SpanLogField.ErrorMessage,
        ["stacktrace"] = SpanLogField.StackTrace,
        ["errorstack"] = SpanLogField.StackTrace,
        ["errorstacktrace"] = SpanLogField.StackTrace,
        ["exceptionstacktrace"] = SpanLogField.StackTrace,
        ["service"] = SpanLogField.Service,
        ["servicename"] = SpanLogField.Service,
        ["otelservicename"] = SpanLogField.Service,
        ["ddservice"] = SpanLogField.Service,
        ["resource"] = SpanLogField.Resource,
        ["attributes"] = SpanLogField.Attributes,
        ["baggage"] = SpanLogField.Baggage,
        ["correlationid"] = SpanLogField.ContextAttribute,
        ["xcorrelationid"] = SpanLogField.ContextAttribute,
        ["requestid"] = SpanLogField.ContextAttribute,
        ["xrequestid"] = SpanLogField.ContextAttribute,
        ["environment"] = SpanLogField.ResourceAttribute,
        ["deploymentenvironment"] = SpanLogField.ResourceAttribute,
        ["deploymentenvironmentname"] = SpanLogField.ResourceAttribute,
        ["trace"] = SpanLogField.Group,
        ["span"] = SpanLogField.Group,
        ["parent"] = SpanLogField.Group,
        ["transaction"] = SpanLogField.Group,
        ["dd"] = SpanLogField.Group,
        ["links"] = SpanLogField.Links,
        ["jsonpayload"] = SpanLogField.Payload,
        ["textpayload"] = SpanLogField.Payload,
        ["headers"] = SpanLogField.Headers,
        ["body"] = SpanLogField.Body,
        ["scopes"] = SpanLogField.Context,
        ["scope"] = SpanLogField.Context,
        ["mdc"] = SpanLogField.Context,
        ["mdlc"] = SpanLogField.Context,
        ["scopeproperties"] = SpanLogField.Context,
        ["contextmap"] = SpanLogField.Context,
        ["contextdata"] = SpanLogField.Context,
        ["context"] = SpanLogField.Context,
        ["ctx"] = SpanLogField.Context,
        ["extra"] = SpanLogField.Context,
        ["fields"] = SpanLogField.Context,
        ["properties"] = SpanLogField.Context,
        ["labels"] = SpanLogField.Context,
        ["spans"] = SpanLogField.Context,
        ["record"] = SpanLogField.Context,
        ["state"] = SpanLogField.Context,
        ["tags"] = SpanLogField.Context,
        ["meta"] = SpanLogField.Context,
        ["metadata"] = SpanLogField.Context,
        ["otel"] = SpanLogField.Context,
        ["opentelemetry"] = SpanLogField.Context,
        ["tracing"] = SpanLogField.Context,
        ["tracecontext"] = SpanLogField.Context,
        ["spancontext"] = SpanLogField.Context,
        ["customdimensions"] = SpanLogField.Context,
        ["kubernetes"] = SpanLogField.ServiceHint,
        ["servicecontext"] = SpanLogField.ServiceHint,
        ["application"] = SpanLogField.ServiceHint,
        ["applicationname"] = SpanLogField.ServiceHint,
        ["cloudrolename"] = SpanLogField.ServiceHint,
        ["approlename"] = SpanLogField.ServiceHint,
        ["containername"] = SpanLogField.ServiceHint,
        ["docker"] = SpanLogField.ServiceHint,
        ["stream"] = SpanLogField.ServiceHint,
        ["loggroup"] = SpanLogField.ServiceHint,
        ["resourceid"] = SpanLogField.ServiceHint,
    }.ToFrozenDictionary();

    /// <summary>
    /// The reified names of Serilog's compact JSON (serilog/serilog-formatting-compact, README, "Reified properties"; SerilogTracing adds
    /// those of spans). They are spelled as here only: <c>sp</c> or <c>@@sp</c> is anybody's own field.
    /// </summary>
    private static readonly FrozenDictionary<string, FieldMeaning> SerilogFields = new Dictionary<string, FieldMeaning>
    {
        ["@tr"] = new(SpanLogField.TraceId, "@tr"),
        ["@sp"] = new(SpanLogField.SpanId, "@sp"),
        ["@ps"] = new(SpanLogField.ParentSpanId, "@ps"),
        ["@st"] = new(SpanLogField.SpanStart, "@st"),
        ["@t"] = new(SpanLogField.Timestamp, "@t", Strength: 3),
        ["@sk"] = new(SpanLogField.Kind, "@sk"),
        ["@mt"] = new(SpanLogField.MessageTemplate, "@mt"),
        ["@m"] = new(SpanLogField.Message, "@m"),
        ["@l"] = new(SpanLogField.Level, "level"),
        ["@x"] = new(SpanLogField.StackTrace, "@x"),
        ["@ra"] = new(SpanLogField.Resource, "@ra"),
    }.ToFrozenDictionary();

    /// <summary>
    /// Names, spelled as here only, of fields that Zipkin, Jaeger and others have and span logs hardly ever: with them a record that says
    /// no event and no message is looked at again.
    /// </summary>
    private static readonly FrozenSet<string> ForeignNames = new[]
    {
        "id", "localEndpoint", "remoteEndpoint", "binaryAnnotations", "references", "process", "processID", "startTimeMillis",
    }.ToFrozenSet();

    /// <summary>What a field means in its place, and the name and scope of the attribute that it is or may become.</summary>
    public static FieldMeaning Classify(string name, FieldPlace place) => place switch
    {
        FieldPlace.Record => ClassifyRecordField(name),
        FieldPlace.Attributes => ClassifyAttribute(name),
        FieldPlace.Resource => ClassifyResourceAttribute(name),
        FieldPlace.ResourceService => ClassifyResourceAttribute(ServicePrefix + name),
        FieldPlace.Baggage => new FieldMeaning(SpanLogField.Attribute, name, AttributeScope.Baggage),
        FieldPlace.Service => ClassifyRecordField(ServicePrefix + name),
        _ => ClassifyRecordField($"{Spell(place.ToString())}.{name}"),
    };

    /// <summary>Whether a field is the id of the trace in Application Insights' tables.</summary>
    public static bool IsAzureName(ReadOnlySpan<byte> name) => name.SequenceEqual("operation_Id"u8) || name.SequenceEqual("OperationId"u8);

    /// <summary>A name in lower case without what separates its words.</summary>
    public static string Spell(string name)
    {
        StringBuilder spelled = new(name.Length);
        foreach (char letter in name)
        {
            if (letter is not ('_' or '.' or '-' or '@'))
            {
                spelled.Append(char.ToLowerInvariant(letter));
            }
        }

        return spelled.ToString();
    }

    private static FieldMeaning ClassifyRecordField(string name)
    {
        if (name.StartsWith(ResourceAttributesPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return ClassifyResourceAttribute(name[ResourceAttributesPrefix.Length..]);
        }

        if (name.StartsWith(ResourcePrefix, StringComparison.OrdinalIgnoreCase))
        {
            return ClassifyResourceAttribute(name[ResourcePrefix.Length..]);
        }

        if (name.StartsWith('@') && SerilogFields.TryGetValue(name, out FieldMeaning serilog))
        {
            return serilog;
        }

        string spelled = Spell(name);
        if (IsAzureName(Encoding.UTF8.GetBytes(name)))
        {
            return new FieldMeaning(SpanLogField.OtherTraceId, name);
        }

        if (!Fields.TryGetValue(spelled, out SpanLogField field))
        {
            return name.StartsWith(ServicePrefix, StringComparison.Ordinal)
                ? new FieldMeaning(SpanLogField.ResourceAttribute, name, AttributeScope.Resource)
                : new FieldMeaning(ForeignNames.Contains(name) ? SpanLogField.ForeignAttribute : SpanLogField.Attribute, name);
        }

        return field switch
        {
            SpanLogField.ResourceAttribute => new FieldMeaning(field, Environment, AttributeScope.Resource),
            SpanLogField.ContextAttribute => new FieldMeaning(
                field, spelled.EndsWith("correlationid", StringComparison.Ordinal) ? "correlation_id" : "request_id"),
            SpanLogField.Timestamp => new FieldMeaning(field, name, Strength: spelled != "timestamp" ? 1 : name == "@timestamp" ? 2 : 3),
            SpanLogField.SpanName => new FieldMeaning(field, name, Strength: spelled == "spanname" ? 2 : 1),
            SpanLogField.Service => new FieldMeaning(field, name, Strength: spelled == "ddservice" ? StrengthOfResourceService : 3),
            SpanLogField.Status => new FieldMeaning(field, name, Strength: 2),
            _ => new FieldMeaning(field, name),
        };
    }

    private static FieldMeaning ClassifyAttribute(string name) => name switch
    {
        "service.name" => new FieldMeaning(SpanLogField.Service, name, Strength: 1),
        "deployment.environment" or Environment => new FieldMeaning(SpanLogField.ResourceAttribute, Environment, AttributeScope.Resource),
        _ => new FieldMeaning(SpanLogField.Attribute, name),
    };

    private static FieldMeaning ClassifyResourceAttribute(string name) => Spell(name) switch
    {
        "servicename" => new FieldMeaning(SpanLogField.Service, "service.name", AttributeScope.Resource, StrengthOfResourceService),
        "service" => new FieldMeaning(SpanLogField.Group, name, AttributeScope.Resource, StrengthOfResourceService),
        "attributes" => new FieldMeaning(SpanLogField.Attributes, name, AttributeScope.Resource),
        "environment" or "deploymentenvironment" or "deploymentenvironmentname" =>
            new FieldMeaning(SpanLogField.ResourceAttribute, Environment, AttributeScope.Resource),
        _ => new FieldMeaning(SpanLogField.ResourceAttribute, name, AttributeScope.Resource),
    };
}
