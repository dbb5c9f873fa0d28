using System.Buffers.Text;
using ServerlessTrace.Core.Formats.Compression;

namespace ServerlessTrace.Core.Formats;

/// <summary>How the bytes of a queue message encode its content. Some clients send base64, some plain text, and nothing says which.</summary>
public static class MessageEncoding
{
    /// <summary>
    /// The content of a message: the decoded bytes if they are base64 of JSON or gzip, else the message itself. JSON and
    /// gzip are never base64, so nothing is ambiguous.
    /// </summary>
    public static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> body) => IsContent(body.Span) || !TryDecode(body.Span, out byte[] content) ? body : content;

    private static bool TryDecode(ReadOnlySpan<byte> body, out byte[] content)
    {
        content = [];
        body = body.Trim(" \t\r\n"u8);
        if (body.IsEmpty || !Base64.IsValid(body, out int length))
        {
            return false;
        }

        content = new byte[length];
        Base64.DecodeFromUtf8(body, content, out _, out int written);
        content = content[..written];
        return IsContent(content);
    }

    private static bool IsContent(ReadOnlySpan<byte> bytes)
    {
        if (Decompression.Detect(bytes) != SourceCompression.None || bytes.StartsWith(FormatDetection.ByteOrderMark))
        {
            return true;
        }

        bytes = bytes.TrimStart(" \t\r\n"u8);
        return !bytes.IsEmpty && bytes[0] is (byte)'{' or (byte)'[';
    }
}
