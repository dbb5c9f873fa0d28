using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>A span's reference to another one (OpenTracing specification, "References between Spans").</summary>
/// <param name="FollowsFrom">Whether it is FOLLOWS_FROM, not CHILD_OF.</param>
/// <param name="TraceId">The other's trace.</param>
/// <param name="SpanId">The other span.</param>
internal readonly record struct JaegerReference(bool FollowsFrom, TraceId TraceId, SpanId SpanId)
{
    /// <summary>Reads the object that a reader stands on.</summary>
    public static bool TryRead(ref Utf8JsonReader json, SpanBuilder builder, out JaegerReference reference)
    {
        bool follows = false;
        TraceId traceId = default;
        SpanId spanId = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = json.ValueTextEquals("refType"u8);
            bool isTrace = json.ValueTextEquals("traceID"u8);
            bool isSpan = json.ValueTextEquals("spanID"u8);
            json.Read();
            if (isType)
            {
                follows = builder.Raw(ref json).SequenceEqual("FOLLOWS_FROM"u8);
            }
            else if (isTrace)
            {
                _ = TraceId.TryParse(builder.Raw(ref json), out traceId);
            }
            else if (isSpan)
            {
                _ = SpanId.TryParse(builder.Raw(ref json), out spanId);
            }

            json.Skip();
        }

        reference = new JaegerReference(follows, traceId, spanId);
        return !spanId.IsZero;
    }

    /// <summary>
    /// Makes the first CHILD_OF of the span's own trace its parent, or else the first FOLLOWS_FROM; all others become links.
    /// </summary>
    public static void Apply(List<JaegerReference> references, ref SpanRecord span, SpanBuilder builder)
    {
        int parent = -1;
        for (int i = 0; i < references.Count; i++)
        {
            bool own = references[i].TraceId.IsZero || references[i].TraceId == span.TraceId;
            if (own && references[i].SpanId != span.SpanId && (parent < 0 || (references[parent].FollowsFrom && !references[i].FollowsFrom)))
            {
                parent = i;
            }
        }

        for (int i = 0; i < references.Count; i++)
        {
            JaegerReference reference = references[i];
            if (i == parent)
            {
                span.ParentSpanId = reference.SpanId;
                span.Flags |= reference.FollowsFrom ? SpanFlags.FollowsFrom : SpanFlags.None;
            }
            else
            {
                builder.AddLink(
                    reference.TraceId.IsZero ? span.TraceId : reference.TraceId, reference.SpanId,
                    "opentracing.ref_type"u8, reference.FollowsFrom ? "follows_from"u8 : "child_of"u8);
            }
        }
    }
}
