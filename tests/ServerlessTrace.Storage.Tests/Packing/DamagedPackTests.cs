using FsCheck.Xunit;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.Storage.Tests.Packing;

[Properties(Arbitrary = [typeof(BatchRecipe)])]
public sealed class DamagedPackTests
{
    private readonly SpanPacker _packer = new();
    private readonly SpanUnpacker _unpacker = new();

    [Property(MaxTest = 30)]
    public void A_pack_cut_short_anywhere_is_refused_and_leaves_nothing_behind(BatchRecipe recipe)
    {
        SpanBatch batch = recipe.Build();
        byte[] packed = _packer.Pack(batch, 0, batch.Count).ToArray();
        SpanBatch into = new();
        Random random = new(recipe.Seed);
        int step = 1 + (packed.Length / 500);
        for (int length = 0; length < packed.Length; length += random.Next(1, step + 1))
        {
            Assert.Throws<InvalidDataException>(() => _unpacker.Unpack(packed.AsSpan(0, length), into));
            Assert.Equal((0, 0, 0, 0), (into.Count, into.AttributeCount, into.EventCount, into.LinkCount));
        }
    }

    [Property(MaxTest = 60)]
    public void A_pack_with_changed_bits_is_refused_or_read_within_bounds(BatchRecipe recipe)
    {
        SpanBatch batch = recipe.Build();
        byte[] packed = _packer.Pack(batch, 0, batch.Count).ToArray();
        Random random = new(recipe.Seed);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. packed];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(Math.Min(damaged.Length, random.Next(2) == 0 ? 16 : int.MaxValue))] ^= (byte)(1 << random.Next(8));
            }

            ReadWithinBounds(damaged);
        }
    }

    [Property(MaxTest = 300)]
    public void Arbitrary_bytes_are_refused_or_read_within_bounds(byte[] bytes)
    {
        ReadWithinBounds(bytes);
        ReadWithinBounds([1, .. bytes]);
        ReadWithinBounds([0x81, .. bytes]);
    }

    [Fact]
    public void A_pack_of_a_later_version_is_refused_by_name()
    {
        byte[] packed = _packer.Pack(new SpanBatch(), []).ToArray();
        packed[0] = 2;

        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => _unpacker.Unpack(packed, new SpanBatch()));

        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trailing_bytes_are_refused()
    {
        byte[] packed = [.. _packer.Pack(new SpanBatch(), []).Span, 0];

        Assert.Throws<InvalidDataException>(() => _unpacker.Unpack(packed, new SpanBatch()));
    }

    /// <summary>A batch's records take up to 136 bytes for a packed byte, and growing arrays double and copy.</summary>
    private void ReadWithinBounds(byte[] damaged)
    {
        SpanBatch into = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _unpacker.Unpack(damaged, into);
        }
        catch (InvalidDataException)
        {
            Assert.Equal(0, into.Count);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000 + (2048L * damaged.Length));
    }
}
