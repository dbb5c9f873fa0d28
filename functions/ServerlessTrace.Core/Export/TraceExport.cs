using System.Buffers;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export.Chrome;
using ServerlessTrace.Core.Export.Jaeger;
using ServerlessTrace.Core.Export.Otlp;
using ServerlessTrace.Core.Export.Zipkin;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Core.Export;

/// <summary>
/// Writes a trace in the JSON of another tool, in time linear in its spans (but for sorting), and the same trace always as the same bytes. Texts are
/// escaped so that they are inert inside HTML, too. Times are the recorded ones. What a format has no place for is put where its users look for it:
/// baggage among the span's own attributes (as <c>baggage.KEY</c> where it has one of that name), events of the trace itself and of spans that
/// were not received with the root.
/// </summary>
public static class TraceExport
{
    /// <summary>Writes a trace.</summary>
    /// <param name="destination">Where the UTF-8 goes.</param>
    /// <param name="format">How.</param>
    /// <param name="trace">The trace.</param>
    public static void Write(IBufferWriter<byte> destination, ExportFormat format, Trace trace)
    {
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        Write(writer, format, trace);
    }

    /// <summary>Writes a trace to a stream, synchronously; a big one is never in memory as a whole.</summary>
    /// <inheritdoc cref="Write(IBufferWriter{byte}, ExportFormat, Trace)"/>
    public static void Write(Stream destination, ExportFormat format, Trace trace)
    {
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        Write(writer, format, trace);
    }

    /// <summary>Writes traces as one OTLP request, <c>ExportTraceServiceRequest</c> in JSON, whose form is that of <c>TracesData</c>.</summary>
    /// <param name="destination">Where the UTF-8 goes.</param>
    /// <param name="traces">The traces, each of which may be a part of one.</param>
    public static void WriteOtlp(IBufferWriter<byte> destination, IEnumerable<Trace> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        OtlpExport.Write(writer, traces.Select(trace => new ExportJson(writer, trace)));
    }

    /// <summary>Writes traces as one OTLP request, <c>ExportTraceServiceRequest</c> in protobuf, whose form is that of <c>TracesData</c>.</summary>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="traces">The traces, each of which may be a part of one.</param>
    public static void WriteOtlpProtobuf(IBufferWriter<byte> destination, IEnumerable<Trace> traces)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(traces);
        var message = new ProtobufText();
        OtlpExport.Write(message, traces);
        destination.Write(message.Written);
    }

    /// <summary>Writes traces as an answer of Jaeger's query API: <c>{"data": [trace, …], …}</c>.</summary>
    /// <inheritdoc cref="WriteOtlp"/>
    public static void WriteJaeger(IBufferWriter<byte> destination, IEnumerable<Trace> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        JaegerExport.Write(writer, traces.Select(trace => new ExportJson(writer, trace)));
    }

    /// <summary>Writes traces as an answer of Zipkin's query API: an array of arrays of spans.</summary>
    /// <inheritdoc cref="WriteOtlp"/>
    public static void WriteZipkin(IBufferWriter<byte> destination, IEnumerable<Trace> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        writer.WriteStartArray();
        foreach (Trace trace in traces)
        {
            new ZipkinExport(new ExportJson(writer, trace)).Write();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ExportFormat format, Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var json = new ExportJson(writer, trace);
        switch (format)
        {
            case ExportFormat.Otlp:
                OtlpExport.Write(writer, [json]);
                break;
            case ExportFormat.Jaeger:
                JaegerExport.Write(writer, [json]);
                break;
            case ExportFormat.Zipkin:
                new ZipkinExport(json).Write();
                break;
            case ExportFormat.Chrome:
                new ChromeExport(json).Write();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        }
    }
}
