using System.Text;

namespace ServerlessTrace.Core.Formats;

/// <summary>Content in UTF-16, which begins with a byte order mark, on its way to UTF-8.</summary>
internal sealed class Utf16Content
{
    private readonly Decoder _decoder;
    private readonly byte[] _bytes = new byte[16 << 10];
    private readonly char[] _characters;
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();

    private Utf16Content(Encoding encoding)
    {
        _decoder = encoding.GetDecoder();
        _characters = new char[encoding.GetMaxCharCount(_bytes.Length)];
    }

    /// <summary>Where bytes are read to before they are given to <see cref="Write"/>.</summary>
    public Memory<byte> Room => _bytes;

    /// <summary>A converter for content that begins with one of the two marks; null for any other.</summary>
    public static Utf16Content? Of(ReadOnlySpan<byte> content) =>
        content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? new Utf16Content(Encoding.Unicode)
        : content.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? new Utf16Content(Encoding.BigEndianUnicode)
        : null;

    /// <summary>Appends bytes as UTF-8 to a buffer; what is no UTF-16 becomes U+FFFD.</summary>
    /// <param name="bytes">At most as many as <see cref="Room"/> has.</param>
    /// <param name="buffer">Where they go.</param>
    /// <param name="isLast">Whether nothing follows them.</param>
    public void Write(ReadOnlySpan<byte> bytes, ContentBuffer buffer, bool isLast)
    {
        int count = _decoder.GetChars(bytes, _characters, isLast);
        ReadOnlySpan<char> characters = _characters.AsSpan(0, count);
        do
        {
            _encoder.Convert(characters, buffer.Room().Span, isLast, out int used, out int written, out _);
            buffer.Written(written);
            characters = characters[used..];
        }
        while (!characters.IsEmpty);
    }
}
