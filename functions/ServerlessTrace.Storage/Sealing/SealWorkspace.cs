using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>The memory of one sealer at work, kept between uses.</summary>
internal sealed class SealWorkspace
{
    public SpanBatch Spans { get; } = new();

    public SpanUnpacker Unpacker { get; } = new();

    public SpanPacker Packer { get; } = new();

    public SpanMerger Merger { get; } = new();

    public Trace Trace { get; } = new();

    /// <summary>Who sees the traces of this pass; null for nobody.</summary>
    public ISealWatch? Watch { get; set; }
}
