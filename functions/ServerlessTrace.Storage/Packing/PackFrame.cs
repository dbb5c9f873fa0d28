using ZstdSharp;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Puts header, codes, texts and noise together: small packs with folded texts, larger ones with codes and texts in a zstd frame, where that pays.</summary>
internal sealed class PackFrame(int leastCompressed)
{
    private readonly PackWriter _output = new(16_384);
    private readonly PackWriter _scratch = new(16_384);
    private readonly TextFolder _folder = new();
    private Compressor? _compressor;

    public ReadOnlyMemory<byte> Close(int spans, PackWriter codes, PackWriter texts, PackWriter noise, long footprint)
    {
        _output.Clear();
        _scratch.Clear();
        if (codes.Length + texts.Length >= leastCompressed)
        {
            Compress(spans, codes, texts, noise, footprint);
        }
        else if (texts.Length is >= PackFormat.LeastFolded and <= FoldWindow.LargestTexts)
        {
            Fold(spans, codes, texts);
        }

        if (_output.Length == 0)
        {
            WriteLengths(PackFormat.Version, spans, codes.Length, texts.Length);
            _output.Bytes(codes.Written);
            _output.Bytes(texts.Written);
        }

        _output.Bytes(noise.Written);
        return _output.Memory;
    }

    private void Fold(int spans, PackWriter codes, PackWriter texts)
    {
        _folder.Fold(texts.Written, _scratch);
        if (_scratch.Length >= texts.Length)
        {
            return;
        }

        WriteLengths(PackFormat.Version | PackFormat.Folded, spans, codes.Length, texts.Length);
        _output.Varint(_scratch.Length);
        _output.Bytes(codes.Written);
        _output.Bytes(_scratch.Written);
    }

    private void Compress(int spans, PackWriter codes, PackWriter texts, PackWriter noise, long footprint)
    {
        int codesLength = codes.Length;
        codes.Bytes(texts.Written);
        int length = codes.Length;
        _compressor ??= new Compressor(1);
        Span<byte> destination = _scratch.Take(Compressor.GetCompressBound(length));
        bool fits = _compressor.TryWrap(codes.Written, destination, out int compressed);
        codes.Truncate(codesLength);
        if (fits
            && (length - compressed) * 10L >= length + noise.Length
            && footprint + length <= PackFormat.LargestFootprint(compressed + noise.Length))
        {
            WriteLengths(PackFormat.Version | PackFormat.Compressed, spans, codesLength, texts.Length);
            _output.Varint(compressed);
            _output.Bytes(destination[..compressed]);
        }
    }

    private void WriteLengths(int version, int spans, int codes, int texts)
    {
        _output.Byte((byte)version);
        _output.Varint(spans);
        _output.Varint(codes);
        _output.Varint(texts);
    }
}
