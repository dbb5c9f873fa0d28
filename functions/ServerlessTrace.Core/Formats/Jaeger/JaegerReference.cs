using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>A span's reference to another one (OpenTracing specification, "References between Spans").</summary>
/// <param name="FollowsFrom">Whether it is FOLLOWS_FROM, not CHILD_OF.</param>
/// <param name="TraceId">The other's trace.</param>
/// <param name="SpanId">The other span.</param>
internal readonly record struct JaegerReference(bool FollowsFrom, TraceId TraceId, SpanId SpanId)
{
    /// <summary>
    /// Makes the first CHILD_OF of the span's own trace its parent, or else the first FOLLOWS_FROM; all others become links.
    /// </summary>
    public static void Apply(List<JaegerReference> references, ref SpanRecord span, SpanBuilder builder, AttributeKey type)
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
                    type, reference.FollowsFrom ? "follows_from"u8 : "child_of"u8);
            }
        }
    }
}
