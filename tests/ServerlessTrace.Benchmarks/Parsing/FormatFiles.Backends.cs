using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Benchmarks.Parsing;

/// <summary>The load as other backends' senders write it.</summary>
internal static partial class FormatFiles
{
    /// <summary>A span a line, as Go's SDK prints it on the console.</summary>
    public static byte[] GoConsole(int spans) => Records(spans, (batch, json, i) =>
    {
        ref readonly SpanRecord span = ref batch[i];
        json.WriteStartObject();
        json.WriteString("Name", batch.Strings[span.Name]);
        json.WriteStartObject("SpanContext");
        WriteIds(json, in span, "TraceID", "SpanID", null);
        json.WriteEndObject();
        json.WriteStartObject("Parent");
        WriteIds(json, new SpanRecord { TraceId = span.TraceId, SpanId = span.ParentSpanId }, "TraceID", "SpanID", null);
        json.WriteEndObject();
        json.WriteNumber("SpanKind", (int)span.Kind);
        json.WriteString("StartTime", Time(span.Start));
        json.WriteString("EndTime", Time(span.End));
        json.WriteStartArray("Attributes");
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in span))
        {
            json.WriteStartObject();
            json.WriteString("Key", batch.Strings[attribute.Key]);
            json.WriteStartObject("Value");
            json.WriteString("Type", "STRING");
            json.WritePropertyName("Value");
            WriteValue(json, batch, in attribute);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("Resource");
        json.WriteStartObject();
        json.WriteString("Key", "service.name");
        json.WriteStartObject("Value");
        json.WriteString("Type", "STRING");
        json.WriteString("Value", batch.Strings[span.Service]);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Segments without subsegments, as the service gets them.</summary>
    public static byte[] XRay(int spans) => Records(spans, (batch, json, i) =>
    {
        ref readonly SpanRecord span = ref batch[i];
        string trace = span.TraceId.ToString();
        json.WriteStartObject();
        json.WriteString("trace_id", $"1-{trace[..8]}-{trace[8..]}");
        json.WriteString("id", span.SpanId.ToString());
        json.WriteString("parent_id", span.ParentSpanId.ToString());
        json.WriteString("name", batch.Strings[span.Service]);
        json.WriteNumber("start_time", span.Start / 1e9m);
        json.WriteNumber("end_time", span.End / 1e9m);
        json.WriteStartObject("annotations");
        WriteTexts(json, batch, in span);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A transaction a line behind a line about the process.</summary>
    public static byte[] ElasticApm(int spans)
    {
        byte[] transactions = Records(spans, (batch, json, i) =>
        {
            ref readonly SpanRecord span = ref batch[i];
            json.WriteStartObject();
            json.WriteStartObject("transaction");
            WriteIds(json, in span, "trace_id", "id", "parent_id");
            json.WriteString("name", batch.Strings[span.Name]);
            json.WriteString("type", "request");
            json.WriteNumber("timestamp", span.Start / 1_000);
            json.WriteNumber("duration", span.Duration / 1e6);
            json.WriteStartObject("context");
            json.WriteStartObject("service");
            json.WriteString("name", batch.Strings[span.Service]);
            json.WriteEndObject();
            json.WriteStartObject("tags");
            WriteTexts(json, batch, in span);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        });
        return [.. "{\"metadata\":{\"service\":{\"name\":\"shop\",\"agent\":{\"name\":\"go\",\"version\":\"2\"}}}}\n"u8, .. transactions];
    }

    /// <summary>A list of traces of one span a line.</summary>
    public static byte[] Datadog(int spans) => Lines(spans, (batch, json) =>
    {
        json.WriteStartArray();
        for (int i = 0; i < batch.Count; i++)
        {
            ref readonly SpanRecord span = ref batch[i];
            json.WriteStartArray();
            json.WriteStartObject();
            json.WriteNumber("trace_id", span.TraceId.Low);
            json.WriteNumber("span_id", span.SpanId.Value);
            json.WriteNumber("parent_id", span.ParentSpanId.Value);
            json.WriteString("name", "web.request");
            json.WriteString("resource", batch.Strings[span.Name]);
            json.WriteString("service", batch.Strings[span.Service]);
            json.WriteNumber("start", span.Start);
            json.WriteNumber("duration", span.Duration);
            json.WriteStartObject("meta");
            WriteTexts(json, batch, in span);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndArray();
    });
}
