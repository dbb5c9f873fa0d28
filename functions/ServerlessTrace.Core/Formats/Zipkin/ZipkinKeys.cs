using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>The names that a source of Zipkin's spans uses, and the attributes that its fields become or tell of.</summary>
internal sealed class ZipkinKeys(ReadLimits limits, JsonScanner json) : FieldKeys<ZipkinField>(limits, json)
{
    /// <summary>The place of a span's, an endpoint's or an annotation's fields.</summary>
    public const int InSpan = 0;

    /// <summary>The place of tags, whose names mean nothing to Zipkin.</summary>
    public const int InTags = 1;

    public AttributeKey LocalAddress => field ??= Attribute("network.local.address");

    public AttributeKey PeerService => field ??= Attribute("peer.service");

    public AttributeKey PeerAddress => field ??= Attribute("network.peer.address");

    public AttributeKey PeerPort => field ??= Attribute("network.peer.port");

    public AttributeKey Debug => field ??= Attribute("zipkin.debug");

    public AttributeKey Error => field ??= Attribute("error");

    public AttributeKey StatusCode => field ??= Attribute("otel.status_code");

    public AttributeKey StatusDescription => field ??= Attribute("otel.status_description");

    /// <inheritdoc/>
    protected override FieldMeaning<ZipkinField> Classify(string name, int place) => new(place == InTags ? ZipkinField.Other : FieldOf(name), name);

    private static ZipkinField FieldOf(string name) => name switch
    {
        "traceId" => ZipkinField.TraceId,
        "id" => ZipkinField.Id,
        "parentId" => ZipkinField.ParentId,
        "timestamp" => ZipkinField.Timestamp,
        "duration" => ZipkinField.Duration,
        "name" => ZipkinField.Name,
        "kind" => ZipkinField.Kind,
        "localEndpoint" => ZipkinField.LocalEndpoint,
        "remoteEndpoint" => ZipkinField.RemoteEndpoint,
        "tags" => ZipkinField.Tags,
        "annotations" => ZipkinField.Annotations,
        "shared" => ZipkinField.Shared,
        "debug" => ZipkinField.Debug,
        "serviceName" => ZipkinField.ServiceName,
        "ipv4" => ZipkinField.Ipv4,
        "ipv6" => ZipkinField.Ipv6,
        "port" => ZipkinField.Port,
        "value" => ZipkinField.Value,
        "binaryAnnotations" => ZipkinField.BinaryAnnotations,
        "endpoint" => ZipkinField.Endpoint,
        "key" => ZipkinField.Key,
        "type" => ZipkinField.Type,
        _ => ZipkinField.Other,
    };
}
