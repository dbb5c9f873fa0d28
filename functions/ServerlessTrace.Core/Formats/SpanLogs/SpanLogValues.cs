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
        Span<byte> spelled = stackalloc byte[LongestWord];
        ReadOnlySpan<byte> word = Spell(text, spelled);
        word = word.StartsWith("spankind"u8) ? word[8..] : word;
        kind = word.SequenceEqual("internal"u8) || word.SequenceEqual("1"u8) ? SpanKind.Internal
            : word.SequenceEqual("server"u8) || word.SequenceEqual("2"u8) ? SpanKind.Server
            : word.SequenceEqual("client"u8) || word.SequenceEqual("3"u8) ? SpanKind.Client
            : word.SequenceEqual("producer"u8) || word.SequenceEqual("4"u8) ? SpanKind.Producer
            : word.SequenceEqual("consumer"u8) || word.SequenceEqual("5"u8) ? SpanKind.Consumer
            : SpanKind.Unspecified;
        return kind != SpanKind.Unspecified || word.IsEmpty || word.SequenceEqual("unspecified"u8) || word.SequenceEqual("0"u8);
    }

    private static bool TryParseAnyStatus(ReadOnlySpan<byte> text, out SpanStatus status)
    {
        Span<byte> spelled = stackalloc byte[LongestWord];
        ReadOnlySpan<byte> word = Spell(text, spelled);
        word = word.StartsWith("statuscode"u8) ? word[10..] : word;
        status = word.SequenceEqual("ok"u8) || word.SequenceEqual("success"u8) || word.SequenceEqual("succeeded"u8) || word.SequenceEqual("1"u8) ? SpanStatus.Ok
            : word.SequenceEqual("error"u8) || word.SequenceEqual("failure"u8) || word.SequenceEqual("failed"u8) || word.SequenceEqual("2"u8) ? SpanStatus.Error
            : SpanStatus.Unset;
        return status != SpanStatus.Unset || word.IsEmpty || word.SequenceEqual("unset"u8) || word.SequenceEqual("0"u8);
    }

    /// <summary>A word in lower case without what separates its parts; a text that is too long is none that is known.</summary>
    private static ReadOnlySpan<byte> Spell(ReadOnlySpan<byte> text, Span<byte> spelled)
    {
        int length = 0;
        foreach (byte letter in text.Trim(" \t"u8))
        {
            if (length == spelled.Length)
            {
                return "?"u8;
            }

            if (letter is not ((byte)'_' or (byte)'.' or (byte)'-' or (byte)'@'))
            {
                spelled[length++] = letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
            }
        }

        return spelled[..length];
    }
}
