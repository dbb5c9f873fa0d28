using System.Buffers;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Tests.Formats;

namespace ServerlessTrace.Core.Tests.Export;

/// <summary>Traces as other tools get them.</summary>
internal static class Exported
{
    public static readonly ExportFormat[] All = Enum.GetValues<ExportFormat>();

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Bytes(Trace trace, ExportFormat format)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceExport.Write(json, format, trace);
        return json.WrittenSpan.ToArray();
    }

    public static byte[] Protobuf(Trace trace)
    {
        var message = new ArrayBufferWriter<byte>();
        TraceExport.WriteOtlpProtobuf(message, [trace]);
        return message.WrittenSpan.ToArray();
    }

    public static string Text(Trace trace, ExportFormat format) => Encoding.UTF8.GetString(Bytes(trace, format));

    public static JsonElement Json(Trace trace, ExportFormat format) => JsonDocument.Parse(Bytes(trace, format), new JsonDocumentOptions { MaxDepth = 200 }).RootElement;

    /// <summary>With line breaks, for people to review.</summary>
    public static string Pretty(Trace trace, ExportFormat format) => JsonSerializer.Serialize(Json(trace, format), Indented).ReplaceLineEndings("\n") + "\n";

    /// <summary>The trace that our own reader makes of an export.</summary>
    public static Trace ReadBack(Trace trace, ExportFormat format) => ReadTrace.Only(Bytes(trace, format));
}
