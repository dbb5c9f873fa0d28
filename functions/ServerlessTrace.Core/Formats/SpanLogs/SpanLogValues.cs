using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The words of span logs.</summary>
internal static class SpanLogValues
{
    private const int LongestWord = 32;

    /// <summary>Reads a kind: <c>SERVER</c>, <c>server</c>, <c>SPAN_KIND_SERVER</c>, <c>"2"</c>.</summary>
    public static bool TryParseKind(ReadOnlySpan<byte> text, out SpanKind kind)
    {
        kind = text.SequenceEqual("SERVER"u8) ? SpanKind.Server
            : text.SequenceEqual("INTERNAL"u8) ? SpanKind.Internal
            : text.SequenceEqual("CLIENT"u8) ? SpanKind.Client
            : SpanKind.Unspecified;
        return kind != SpanKind.Unspecified || TryParseAnyKind(text, out kind);
    }

    /// <summary>Reads a status: <c>OK</c>, <c>ok</c>, <c>STATUS_CODE_OK</c>, <c>success</c>, <c>"1"</c>.</summary>
    public static bool TryParseStatus(ReadOnlySpan<byte> text, out SpanStatus status)
    {
        status = text.SequenceEqual("OK"u8) ? SpanStatus.Ok : text.SequenceEqual("ERROR"u8) ? SpanStatus.Error : SpanStatus.Unset;
        return status != SpanStatus.Unset || TryParseAnyStatus(text, out status);
    }

    private static bool TryParseAnyKind(ReadOnlySpan<byte> text, out SpanKind kind)
    {
        string word = Word(text);
        kind = word switch
        {
            "internal" or "spankindinternal" or "1" => SpanKind.Internal,
            "server" or "spankindserver" or "2" => SpanKind.Server,
            "client" or "spankindclient" or "3" => SpanKind.Client,
            "producer" or "spankindproducer" or "4" => SpanKind.Producer,
            "consumer" or "spankindconsumer" or "5" => SpanKind.Consumer,
            _ => SpanKind.Unspecified,
        };
        return kind != SpanKind.Unspecified || word is "" or "unspecified" or "spankindunspecified" or "0";
    }

    private static bool TryParseAnyStatus(ReadOnlySpan<byte> text, out SpanStatus status)
    {
        string word = Word(text);
        status = word switch
        {
            "ok" or "statuscodeok" or "success" or "succeeded" or "1" => SpanStatus.Ok,
            "error" or "statuscodeerror" or "failure" or "failed" or "2" => SpanStatus.Error,
            _ => SpanStatus.Unset,
        };
        return status != SpanStatus.Unset || word is "" or "unset" or "statuscodeunset" or "0";
    }

    private static string Word(ReadOnlySpan<byte> text) =>
        text.Length > LongestWord ? "?" : SpanLogFields.Spell(Encoding.UTF8.GetString(text).Trim());
}
