using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>The memory of one sealer at work, kept between uses.</summary>
internal sealed class SealWorkspace
{
    private readonly SpanBatchCopy _copy = new();
    private SpanBatch? _chunk;

    public SpanBatch Spans { get; } = new();

    public SpanUnpacker Unpacker { get; } = new();

    public SpanPacker Packer { get; } = new();

    public SpanMerger Merger { get; } = new();

    public Trace Trace { get; } = new();

    /// <summary>Who sees the traces of this slice; null for nobody.</summary>
    public ISealWatch? Watch { get; set; }

    /// <summary>Appends a chunk's parts of the slice's traces.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged, or of a later version.</exception>
    public void Unpack(ReadOnlySpan<byte> packed, TraceSlice slice)
    {
        if (slice.IsWhole)
        {
            Unpacker.Unpack(packed, Spans);
            return;
        }

        _chunk ??= new SpanBatch();
        _chunk.Clear();
        Unpacker.Unpack(packed, _chunk);
        _copy.Begin(_chunk, Spans);
        foreach (ref readonly SpanRecord part in _chunk.Spans)
        {
            if (slice.Has(part.TraceId))
            {
                _copy.Add(in part);
            }
        }
    }
}
