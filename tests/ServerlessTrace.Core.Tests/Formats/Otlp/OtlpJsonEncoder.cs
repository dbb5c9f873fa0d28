using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

/// <summary>Writes OTLP's JSON, in the ways that different senders do.</summary>
internal sealed class OtlpJsonEncoder(Random variety)
{
    private static readonly string[] Kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
    private static readonly string[] Codes = ["UNSET", "OK", "ERROR"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string Request(OtlpModel model)
    {
        JsonObject request = new() { ["resourceSpans"] = Array(model.Groups, Group) };
        return Coin() ? request.ToJsonString() : request.ToJsonString(Indented);
    }

    private JsonObject Group(OtlpGroup group)
    {
        string scopes = Coin() ? "scopeSpans" : "instrumentationLibrarySpans";
        return Shuffled(
            ("resource", new JsonObject { ["attributes"] = Pairs(group.Resource), ["droppedAttributesCount"] = 0 }),
            (scopes, Array(group.Scopes, Scope)),
            ("schemaUrl", "https://opentelemetry.io/schemas/1.30.0"));
    }

    private JsonObject Scope(OtlpScopeGroup scope) => Shuffled(
        (Coin() ? "scope" : "instrumentationLibrary", Shuffled(("name", scope.Name), ("version", scope.Version), ("attributes", Pairs(scope.Attributes)))),
        ("spans", Array(scope.Spans, Span)),
        ("unknown", Array([1, 2], static each => new JsonObject { ["deep"] = each })));

    private JsonObject Span(OtlpSpan span) => Shuffled(
        ("traceId", Id(span.TraceId)),
        ("spanId", Id(span.SpanId)),
        ("parentSpanId", Id(span.ParentSpanId)),
        ("traceState", span.TraceState),
        ("name", span.Name),
        ("kind", Coin() ? span.Kind : "SPAN_KIND_" + Kinds[span.Kind]),
        ("startTimeUnixNano", Integer(span.Start)),
        ("endTimeUnixNano", Integer(span.End)),
        ("attributes", Pairs(span.Attributes)),
        ("droppedAttributesCount", span.DroppedAttributes),
        ("events", Array(span.Events, each => Shuffled(
            ("timeUnixNano", Integer(each.Time)), ("name", each.Name), ("attributes", Pairs(each.Attributes)), ("droppedAttributesCount", each.Dropped)))),
        ("links", Array(span.Links, each => Shuffled(
            ("traceId", Id(each.TraceId)), ("spanId", Id(each.SpanId)), ("attributes", Pairs(each.Attributes))))),
        ("status", Shuffled(("code", Coin() ? span.Status : "STATUS_CODE_" + Codes[span.Status]), ("message", span.StatusMessage))),
        ("flags", 257));

    private JsonArray Pairs(IReadOnlyList<OtlpPair> pairs) => Array(pairs, Pair);

    private JsonObject Pair(OtlpPair pair) => Coin()
        ? new JsonObject { ["key"] = pair.Key, ["value"] = Value(pair.Value) }
        : Shuffled(("key", pair.Key), ("value", Value(pair.Value)));

    private JsonObject Value(object? value) => value switch
    {
        string text => new JsonObject { ["stringValue"] = text },
        bool truth => new JsonObject { ["boolValue"] = truth },
        long number => new JsonObject { ["intValue"] = Integer(number) },
        double number => new JsonObject { ["doubleValue"] = double.IsFinite(number) ? number : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity" },
        byte[] bytes => new JsonObject { ["bytesValue"] = Convert.ToBase64String(bytes) },
        OtlpPair[] pairs => new JsonObject { ["kvlistValue"] = new JsonObject { ["values"] = Array(pairs, Pair) } },
        object?[] values => new JsonObject { ["arrayValue"] = new JsonObject { ["values"] = Array(values, Value) } },
        _ => [],
    };

    private JsonValue Integer(long value) => Coin() ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private string Id(byte[] id) => variety.Next(3) switch
    {
        0 => Convert.ToBase64String(id),
        1 => Convert.ToHexString(id),
        _ => Convert.ToHexStringLower(id),
    };

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonObject> encode) => new([.. items.Select(encode)]);

    private JsonObject Shuffled(params (string Name, JsonNode? Value)[] members)
    {
        if (variety.Next(3) == 0)
        {
            variety.Shuffle(members);
        }

        return new JsonObject(members.Select(static member => KeyValuePair.Create(member.Name, member.Value)));
    }

    private bool Coin() => variety.Next(2) == 0;
}
