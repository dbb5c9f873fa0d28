using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Analysis;

/// <summary>Reads as much of Jaeger's JSON as the vectors need.</summary>
internal static class JaegerTraceReader
{
    public static Trace Read(JsonElement jaeger)
    {
        var batch = new SpanBatch();
        foreach (JsonElement trace in jaeger.GetProperty("data").EnumerateArray())
        {
            foreach (JsonElement span in trace.GetProperty("spans").EnumerateArray())
            {
                JsonElement process = trace.GetProperty("processes").GetProperty(span.GetProperty("processID").GetString()!);
                Add(batch, span, process.GetProperty("serviceName").GetString()!);
            }
        }

        return new Trace(batch, new SpanMerger().Merge(batch)[0]);
    }

    private static void Add(SpanBatch batch, JsonElement json, string service)
    {
        ref SpanRecord span = ref batch.AddSpan();
        Assert.True(TraceId.TryParse(json.GetProperty("traceID").GetString(), out span.TraceId));
        Assert.True(SpanId.TryParse(json.GetProperty("spanID").GetString(), out span.SpanId));
        span.Service = batch.Strings.Add(service);
        span.Name = batch.Strings.Add(json.GetProperty("operationName").GetString()!);
        span.Flags = SpanFlags.Started | SpanFlags.Ended;
        span.StartUnixNano = json.GetProperty("startTime").GetInt64() * 1000;
        span.EndUnixNano = span.StartUnixNano + (json.GetProperty("duration").GetInt64() * 1000);
        foreach (JsonElement reference in json.GetProperty("references").EnumerateArray())
        {
            Assert.True(SpanId.TryParse(reference.GetProperty("spanID").GetString(), out span.ParentSpanId));
            span.Flags |= reference.GetProperty("refType").GetString() == "FOLLOWS_FROM" ? SpanFlags.FollowsFrom : SpanFlags.None;
        }

        foreach (JsonElement tag in json.GetProperty("tags").EnumerateArray())
        {
            if (tag.GetProperty("key").GetString() == "span.kind")
            {
                span.Kind = Enum.Parse<SpanKind>(tag.GetProperty("value").GetString()!, ignoreCase: true);
            }
        }
    }
}
