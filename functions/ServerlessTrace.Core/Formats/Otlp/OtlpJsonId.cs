using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Ids in JSON: hex digits of either case (OTLP specification, "JSON Protobuf Encoding"), or base64 as generic protobuf printers
/// write bytes. The padding tells which: 8 and 16 bytes never go without, and hex digits do not include it.
/// </summary>
internal static unsafe class OtlpJsonId
{
    /// <summary>Reads a trace id of 32 hex digits, 16 if it has 64 bits, or 24 characters of base64; all zeros are none, and fine. Slack must follow the text.</summary>
    public static bool TryParse(byte* text, int length, out TraceId id)
    {
        ulong high = 0;
        ulong low = 0;
        bool read = length == 32 ? HexText.TryParse16(text, out high) & HexText.TryParse16(text + 16, out low)
            : length == 16 ? HexText.TryParse16(text, out low)
            : length == 24 && TryDecode16(new ReadOnlySpan<byte>(text, length), out high, out low);
        id = read ? new TraceId(high, low) : default;
        return read;
    }

    /// <summary>Reads a span id of 16 hex digits, or 12 characters of base64; all zeros are none, and fine. Slack must follow the text.</summary>
    public static bool TryParse(byte* text, int length, out SpanId id)
    {
        ulong value = 0;
        bool read = length == 16 ? HexText.TryParse16(text, out value) : length == 12 && TryDecode8(new ReadOnlySpan<byte>(text, length), out value);
        id = read ? new SpanId(value) : default;
        return read;
    }

    /// <summary>Reads base64, also in the alphabet for URLs and without padding, as protobuf's JSON allows.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        ReadOnlySpan<byte> digits = text.TrimEnd((byte)'=');
        bytes = new byte[(digits.Length + 3) / 4 * 3];
        byte[] plain = digits.ToArray();
        plain.AsSpan().Replace((byte)'+', (byte)'-');
        plain.AsSpan().Replace((byte)'/', (byte)'_');
        bool read = Base64Url.DecodeFromUtf8(plain, bytes, out int used, out int written) == OperationStatus.Done && used == plain.Length;
        bytes = read ? bytes[..written] : [];
        return read;
    }

    private static bool TryDecode16(ReadOnlySpan<byte> text, out ulong high, out ulong low)
    {
        (high, low) = (0, 0);
        if (!text.EndsWith("=="u8) || !TryDecode(text, out byte[] bytes) || bytes.Length != 16)
        {
            return false;
        }

        high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        low = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8));
        return true;
    }

    private static bool TryDecode8(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (!text.EndsWith("="u8) || !TryDecode(text, out byte[] bytes) || bytes.Length != 8)
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return true;
    }
}
