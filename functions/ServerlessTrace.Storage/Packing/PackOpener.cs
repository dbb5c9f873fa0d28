using ZstdSharp;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Takes apart what <see cref="PackFrame"/> put together.</summary>
internal sealed class PackOpener
{
    private byte[] _body = [];
    private readonly TextUnfolder _unfolder = new();
    private Decompressor? _decompressor;

    /// <summary>How many records there are, and what unpacking them may take in memory.</summary>
    public int Open(ReadOnlySpan<byte> packed, out PackReader codes, out PackReader texts, out PackReader noise, out long footprint)
    {
        PackReader header = new(packed);
        byte first = header.Byte();
        int version = first & PackFormat.VersionBits;
        if (version != PackFormat.Version)
        {
            Malformed.Throw($"version {version} is not known here");
        }

        footprint = PackFormat.LargestFootprint(packed.Length);
        long largest = Math.Min(footprint, Array.MaxLength);
        int spans = header.Below(largest, "the count of records is impossible");
        int codesLength = header.Below(largest, "the length of codes is impossible");
        int textsLength = header.Below(largest - codesLength, "the length of texts is impossible");
        footprint -= codesLength + textsLength;
        switch (first & ~PackFormat.VersionBits)
        {
            case 0:
                codes = new PackReader(header.Take(codesLength));
                texts = new PackReader(header.Take(textsLength));
                break;
            case PackFormat.Folded:
                int folded = header.Below(packed.Length, "the length of folded texts is impossible");
                codes = new PackReader(header.Take(codesLength));
                texts = new PackReader(_unfolder.Unfold(header.Take(folded), textsLength));
                break;
            case PackFormat.Compressed:
                int compressed = header.Below(packed.Length, "the length of the frame is impossible");
                ReadOnlySpan<byte> body = Decompress(header.Take(compressed), codesLength + textsLength);
                codes = new PackReader(body[..codesLength]);
                texts = new PackReader(body[codesLength..]);
                break;
            default:
                Malformed.Throw("it is both folded and compressed");
                codes = texts = default;
                break;
        }

        noise = new PackReader(header.Take(header.Remaining));
        return spans;
    }

    private ReadOnlySpan<byte> Decompress(ReadOnlySpan<byte> frame, int length)
    {
        if (_body.Length < length)
        {
            _body = new byte[Math.Max(length, (int)Math.Min(_body.Length * 2L, Array.MaxLength))];
        }

        _decompressor ??= new Decompressor();
        try
        {
            if (!_decompressor.TryUnwrap(frame, _body.AsSpan(0, length), out int written) || written != length)
            {
                Malformed.Throw("the compressed part has another length");
            }
        }
        catch (ZstdException exception)
        {
            throw new InvalidDataException($"Packed spans cannot be read: the compressed part is damaged ({exception.Message}).", exception);
        }

        return _body.AsSpan(0, length);
    }
}
