using System.Text;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>A member of an OTLP message: its name in JSON, and its number in protobuf (opentelemetry-proto 1.x).</summary>
internal sealed class OtlpMember(string name, int number)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public ReadOnlySpan<byte> Name => _name;

    public int Number => number;

    /// <summary><c>TracesData</c>, whose form is that of <c>ExportTraceServiceRequest</c>.</summary>
    internal static class OfTraces
    {
        public static readonly OtlpMember ResourceSpans = new("resourceSpans", 1);
    }

    internal static class OfResourceSpans
    {
        public static readonly OtlpMember Resource = new("resource", 1);
        public static readonly OtlpMember ScopeSpans = new("scopeSpans", 2);
    }

    internal static class OfResource
    {
        public static readonly OtlpMember Attributes = new("attributes", 1);
    }

    internal static class OfScopeSpans
    {
        public static readonly OtlpMember Scope = new("scope", 1);
        public static readonly OtlpMember Spans = new("spans", 2);
    }

    internal static class OfScope
    {
        public static readonly OtlpMember Name = new("name", 1);
        public static readonly OtlpMember Version = new("version", 2);
        public static readonly OtlpMember Attributes = new("attributes", 3);
    }

    internal static class OfSpan
    {
        public static readonly OtlpMember TraceId = new("traceId", 1);
        public static readonly OtlpMember SpanId = new("spanId", 2);
        public static readonly OtlpMember TraceState = new("traceState", 3);
        public static readonly OtlpMember ParentSpanId = new("parentSpanId", 4);
        public static readonly OtlpMember Name = new("name", 5);
        public static readonly OtlpMember Kind = new("kind", 6);
        public static readonly OtlpMember Start = new("startTimeUnixNano", 7);
        public static readonly OtlpMember End = new("endTimeUnixNano", 8);
        public static readonly OtlpMember Attributes = new("attributes", 9);
        public static readonly OtlpMember Events = new("events", 11);
        public static readonly OtlpMember Links = new("links", 13);
        public static readonly OtlpMember Status = new("status", 15);
    }

    internal static class OfEvent
    {
        public static readonly OtlpMember Time = new("timeUnixNano", 1);
        public static readonly OtlpMember Name = new("name", 2);
        public static readonly OtlpMember Attributes = new("attributes", 3);
    }

    internal static class OfLink
    {
        public static readonly OtlpMember TraceId = new("traceId", 1);
        public static readonly OtlpMember SpanId = new("spanId", 2);
        public static readonly OtlpMember Attributes = new("attributes", 4);
    }

    internal static class OfStatus
    {
        public static readonly OtlpMember Message = new("message", 2);
        public static readonly OtlpMember Code = new("code", 3);
    }

    internal static class OfKeyValue
    {
        public static readonly OtlpMember Key = new("key", 1);
        public static readonly OtlpMember Value = new("value", 2);
    }

    internal static class OfAnyValue
    {
        public static readonly OtlpMember Text = new("stringValue", 1);
        public static readonly OtlpMember Bool = new("boolValue", 2);
        public static readonly OtlpMember Int = new("intValue", 3);
        public static readonly OtlpMember Double = new("doubleValue", 4);
        public static readonly OtlpMember Array = new("arrayValue", 5);
        public static readonly OtlpMember KeyValueList = new("kvlistValue", 6);
        public static readonly OtlpMember Bytes = new("bytesValue", 7);
    }

    internal static class OfValueList
    {
        public static readonly OtlpMember Values = new("values", 1);
    }
}
