using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;

namespace ServerlessTrace.Core.Reports.Story;

/// <summary>A transaction's story as JSON.</summary>
public static class StoryJson
{
    /// <summary>
    /// An object with <c>key</c>, <c>value</c>, <c>traces</c>, <c>openTracesCut</c> and <c>nextCursor</c>; each trace with <c>traceId</c>, <c>startTime</c>, <c>durationMs</c>,
    /// <c>status</c>, <c>sealed</c>, <c>business</c>, <c>steps</c> and <c>stepsLeftOut</c>; each step with <c>time</c>, <c>startUnixNano</c>, <c>durationMs</c>, <c>caller</c>,
    /// <c>service</c>, <c>operation</c>, <c>result</c>, <c>reason</c> and <c>spanId</c>.
    /// </summary>
    public static void Write(IBufferWriter<byte> destination, BusinessStory story, string? nextCursor)
    {
        ArgumentNullException.ThrowIfNull(story);
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        writer.WriteStartObject();
        writer.WriteString("key"u8, story.Key);
        writer.WriteString("value"u8, story.Value);
        writer.WriteStartArray("traces"u8);
        foreach (StoryTrace trace in story.Traces)
        {
            Write(writer, trace);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("openTracesCut"u8, story.OpenTracesCut);
        writer.WriteString("nextCursor"u8, nextCursor);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, StoryTrace trace)
    {
        writer.WriteStartObject();
        writer.WriteString("traceId"u8, trace.TraceId.ToString());
        writer.WriteString("startTime"u8, Rfc3339.Of(trace.UnixNano));
        writer.WriteNumber("durationMs"u8, trace.DurationNano / 1e6);
        writer.WriteString("status"u8, SpanNames.Of(trace.Status));
        writer.WriteBoolean("sealed"u8, trace.IsSealed);
        writer.WriteStartObject("business"u8);
        foreach (BusinessFact fact in trace.Facts)
        {
            writer.WriteString(fact.Key, fact.Value);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("steps"u8);
        foreach (StoryStep step in trace.Steps)
        {
            Write(writer, step);
        }

        writer.WriteEndArray();
        writer.WriteNumber("stepsLeftOut"u8, trace.StepsLeftOut);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, StoryStep step)
    {
        writer.WriteStartObject();
        writer.WriteString("time"u8, Rfc3339.Of(step.UnixNano));
        writer.WriteString("startUnixNano"u8, step.UnixNano.ToString(CultureInfo.InvariantCulture));
        if (step.DurationNano is { } nano)
        {
            writer.WriteNumber("durationMs"u8, nano / 1e6);
        }
        else
        {
            writer.WriteNull("durationMs"u8);
        }

        writer.WriteString("caller"u8, step.Caller.Length == 0 ? null : step.Caller);
        writer.WriteString("service"u8, step.Service);
        writer.WriteString("operation"u8, step.Operation);
        writer.WriteString("result"u8, step.Result);
        writer.WriteString("reason"u8, step.Reason.Length == 0 ? null : step.Reason);
        writer.WriteString("spanId"u8, step.SpanId);
        writer.WriteEndObject();
    }
}
