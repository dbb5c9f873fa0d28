using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.Parsing;

/// <summary>The benchmark load in the formats that others write, with all attributes of every span, reproducible by its seed.</summary>
internal static partial class FormatFiles
{
    public static byte[] SpanLogs(int spans)
    {
        using var file = new MemoryStream();
        Generator(spans).Write(file);
        return file.ToArray();
    }

    public static byte[] OtlpJson(int spans) => Batches(spans, OtlpJsonWriter.Write);

    public static byte[] OtlpProtobuf(int spans)
    {
        var writer = new OtlpProtobufWriter();
        return Batches(spans, (batch, output) => writer.Write(batch, output, framed: true));
    }

    /// <summary>A list of spans a line, as a collector that gathers posted lists writes them.</summary>
    public static byte[] Zipkin(int spans) => Lines(spans, (batch, json) =>
    {
        json.WriteStartArray();
        for (int i = 0; i < batch.Count; i++)
        {
            ref readonly SpanRecord span = ref batch[i];
            json.WriteStartObject();
            WriteIds(json, in span, "traceId", "id", "parentId");
            json.WriteString("kind", span.Kind.ToString().ToUpperInvariant());
            json.WriteString("name", batch.Strings[span.Name]);
            json.WriteNumber("timestamp", span.Start / 1_000);
            json.WriteNumber("duration", Math.Max(1, span.Duration / 1_000));
            json.WriteStartObject("localEndpoint");
            json.WriteString("serviceName", batch.Strings[span.Service]);
            json.WriteString("ipv4", "10.0.0.7");
            json.WriteEndObject();
            json.WriteStartObject("tags");
            WriteTexts(json, batch, in span);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>A download of Jaeger's page a line.</summary>
    public static byte[] Jaeger(int spans) => Lines(spans, (batch, json) =>
    {
        json.WriteStartObject();
        json.WriteStartArray("data");
        for (int from = 0, to; from < batch.Count; from = to)
        {
            for (to = from + 1; to < batch.Count && batch[to].TraceId == batch[from].TraceId;)
            {
                to++;
            }

            WriteJaegerTrace(json, batch, from, to);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Requests and dependencies as diagnostic settings write them to blobs.</summary>
    public static byte[] AzureMonitor(int spans) => Records(spans, (batch, json, i) =>
    {
        ref readonly SpanRecord span = ref batch[i];
        bool isRequest = span.Kind is SpanKind.Server or SpanKind.Consumer;
        json.WriteStartObject();
        json.WriteString("time", Time(span.Start));
        json.WriteString("resourceId", "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/SHOP");
        json.WriteString("Type", isRequest ? "AppRequests" : "AppDependencies");
        json.WriteString("AppRoleName", batch.Strings[span.Service]);
        json.WriteString("AppRoleInstance", "shop-7d4f");
        json.WriteString("OperationId", span.TraceId.ToString());
        json.WriteString("ParentId", span.ParentSpanId.IsZero ? span.TraceId.ToString() : span.ParentSpanId.ToString());
        json.WriteStartObject("Properties");
        WriteTexts(json, batch, in span);
        json.WriteEndObject();
        json.WriteString("Id", span.SpanId.ToString());
        json.WriteString("Name", batch.Strings[span.Name]);
        json.WriteBoolean("Success", span.Status != SpanStatus.Error);
        json.WriteString("ResultCode", "200");
        json.WriteNumber("DurationMs", span.Duration / 1e6);
        json.WriteEndObject();
    });

    public static byte[] Serilog(int spans) => Records(spans, (batch, json, i) =>
    {
        ref readonly SpanRecord span = ref batch[i];
        json.WriteStartObject();
        json.WriteString("@t", Time(span.End));
        json.WriteString("@mt", batch.Strings[span.Name]);
        WriteIds(json, in span, "@tr", "@sp", "@ps");
        json.WriteString("@st", Time(span.Start));
        json.WriteString("@sk", span.Kind.ToString());
        json.WriteString("service.name", batch.Strings[span.Service]);
        WriteValues(json, batch, in span);
        json.WriteEndObject();
    });

    /// <summary>Span logs behind what a logger puts in front of its lines.</summary>
    public static byte[] LogLines(int spans)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (ReadOnlyMemory<byte> line in Split(SpanLogs(spans)))
        {
            lines.Write("2026-02-26T18:00:00.123Z INFO [worker-7] shop.payments.Charge : "u8);
            lines.Write(line.Span);
        }

        return lines.WrittenSpan.ToArray();
    }

    private static SpanLogGenerator Generator(int spans) => new(new GeneratorOptions { Spans = spans, Shape = LoadShape.Benchmark });

    private static byte[] Batches(int spans, Action<SpanBatch, ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        SpanLogGenerator generator = Generator(spans);
        var batch = new SpanBatch();
        while (generator.Next(batch))
        {
            write(batch, output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[] Lines(int spans, Action<SpanBatch, Utf8JsonWriter> write) => Batches(spans, (batch, output) =>
    {
        using (var json = new Utf8JsonWriter(output))
        {
            write(batch, json);
        }

        output.Write("\n"u8);
    });

    private static byte[] Records(int spans, Action<SpanBatch, Utf8JsonWriter, int> write) => Batches(spans, (batch, output) =>
    {
        using var json = new Utf8JsonWriter(output);
        for (int i = 0; i < batch.Count; i++)
        {
            json.Reset();
            write(batch, json, i);
            json.Flush();
            output.Write("\n"u8);
        }
    });

    private static void WriteJaegerTrace(Utf8JsonWriter json, SpanBatch batch, int from, int to)
    {
        var processes = new List<int>();
        json.WriteStartObject();
        json.WriteString("traceID", batch[from].TraceId.ToString());
        json.WriteStartArray("spans");
        for (int i = from; i < to; i++)
        {
            ref readonly SpanRecord span = ref batch[i];
            if (!processes.Contains(span.Service))
            {
                processes.Add(span.Service);
            }

            WriteJaegerSpan(json, batch, in span, processes.IndexOf(span.Service));
        }

        json.WriteEndArray();
        json.WriteStartObject("processes");
        for (int i = 0; i < processes.Count; i++)
        {
            json.WriteStartObject(string.Create(CultureInfo.InvariantCulture, $"p{i}"));
            json.WriteString("serviceName", batch.Strings[processes[i]]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteJaegerSpan(Utf8JsonWriter json, SpanBatch batch, in SpanRecord span, int process)
    {
        json.WriteStartObject();
        WriteIds(json, in span, "traceID", "spanID", null);
        json.WriteString("operationName", batch.Strings[span.Name]);
        json.WriteStartArray("references");
        if (!span.ParentSpanId.IsZero)
        {
            json.WriteStartObject();
            json.WriteString("refType", "CHILD_OF");
            WriteIds(json, new SpanRecord { TraceId = span.TraceId, SpanId = span.ParentSpanId }, "traceID", "spanID", null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("startTime", span.Start / 1_000);
        json.WriteNumber("duration", span.Duration / 1_000);
        json.WriteStartArray("tags");
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in span))
        {
            json.WriteStartObject();
            json.WriteString("key", batch.Strings[attribute.Key]);
            json.WriteString("type", attribute.Kind switch { AttributeKind.Int64 => "int64", AttributeKind.Double => "float64", AttributeKind.Bool => "bool", _ => "string" });
            json.WritePropertyName("value");
            WriteValue(json, batch, in attribute);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("logs");
        json.WriteEndArray();
        json.WriteString("processID", string.Create(CultureInfo.InvariantCulture, $"p{process}"));
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, in SpanRecord span, string trace, string id, string? parent)
    {
        json.WriteString(trace, span.TraceId.ToString());
        json.WriteString(id, span.SpanId.ToString());
        if (parent is not null && !span.ParentSpanId.IsZero)
        {
            json.WriteString(parent, span.ParentSpanId.ToString());
        }
    }

    /// <summary>Attributes as texts, for formats that know no other values.</summary>
    private static void WriteTexts(Utf8JsonWriter json, SpanBatch batch, in SpanRecord span)
    {
        WriteTexts(json, batch, batch.Attributes(in span));
        WriteTexts(json, batch, batch.SharedAttributes(in span));
    }

    private static void WriteTexts(Utf8JsonWriter json, SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            json.WritePropertyName(batch.Strings[attribute.Key]);
            if (attribute.IsText)
            {
                json.WriteStringValue(batch.Strings[attribute.Text]);
            }
            else
            {
                json.WriteStringValue(attribute.Kind == AttributeKind.Double
                    ? attribute.Number.ToString(CultureInfo.InvariantCulture)
                    : attribute.Bits.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void WriteValues(Utf8JsonWriter json, SpanBatch batch, in SpanRecord span)
    {
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in span))
        {
            json.WritePropertyName(batch.Strings[attribute.Key]);
            WriteValue(json, batch, in attribute);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, SpanBatch batch, in SpanAttribute attribute)
    {
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                json.WriteNumberValue(attribute.Bits);
                break;
            case AttributeKind.Double:
                json.WriteNumberValue(attribute.Number);
                break;
            case AttributeKind.Bool:
                json.WriteBooleanValue(attribute.Bits != 0);
                break;
            default:
                json.WriteStringValue(batch.Strings[attribute.Text]);
                break;
        }
    }

    private static string Time(long unixNano) => DateTime.UnixEpoch.AddTicks(unixNano / 100).ToString("O", CultureInfo.InvariantCulture);

    private static IEnumerable<ReadOnlyMemory<byte>> Split(byte[] lines)
    {
        for (int at = 0, end; at < lines.Length; at = end)
        {
            int found = Array.IndexOf(lines, (byte)'\n', at);
            end = found < 0 ? lines.Length : found + 1;
            yield return lines.AsMemory(at, end - at);
        }
    }
}
