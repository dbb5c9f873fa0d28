using FsCheck.Xunit;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Storage.Tests.Packing;

[Properties(Arbitrary = [typeof(BatchRecipe)])]
public sealed class SpanPackingTests
{
    private readonly SpanPacker _packer = new();
    private readonly SpanUnpacker _unpacker = new();

    [Property(MaxTest = 300)]
    public void Any_batch_comes_back_as_it_was(BatchRecipe recipe)
    {
        SpanBatch batch = recipe.Build();
        SpanBatch back = new();

        _unpacker.Unpack(_packer.Pack(batch, 0, batch.Count).Span, back);

        Assert.Equal(SpanBatchText.Describe(batch), SpanBatchText.Describe(back));
    }

    [Property(MaxTest = 100)]
    public void Chosen_records_come_back_in_the_order_they_were_given(BatchRecipe recipe)
    {
        SpanBatch batch = recipe.Build();
        int[] chosen = [.. Enumerable.Range(0, batch.Count).Where(i => i % 3 != 1).Reverse()];
        SpanBatch back = new();

        _unpacker.Unpack(_packer.Pack(batch, chosen).Span, back);

        Assert.Equal(chosen.Select(i => SpanBatchText.Describe(batch, i)), Enumerable.Range(0, back.Count).Select(i => SpanBatchText.Describe(back, i)));
    }

    [Property(MaxTest = 100)]
    public void Packs_of_several_sources_are_appended_to_one_batch(BatchRecipe first, BatchRecipe second)
    {
        SpanBatch one = first.Build();
        SpanBatch two = second.Build();
        SpanBatch back = new();

        _unpacker.Unpack(_packer.Pack(one, 0, one.Count).Span, back);
        _unpacker.Unpack(_packer.Pack(two, 0, two.Count).Span, back);
        _unpacker.Unpack(_packer.Pack(one, 0, one.Count).Span, back);

        Assert.Equal(SpanBatchText.Describe(one) + SpanBatchText.Describe(two) + SpanBatchText.Describe(one), SpanBatchText.Describe(back));
    }

    [Property(MaxTest = 100)]
    public void The_same_content_packs_to_the_same_bytes_whatever_was_packed_before(BatchRecipe recipe, BatchRecipe other)
    {
        SpanBatch batch = recipe.Build();
        byte[] packed = _packer.Pack(batch, 0, batch.Count).ToArray();
        SpanBatch elsewhere = other.Build();
        _packer.Pack(elsewhere, 0, elsewhere.Count);
        int start = elsewhere.Count;
        _unpacker.Unpack(packed, elsewhere);

        ReadOnlyMemory<byte> again = _packer.Pack(elsewhere, start, elsewhere.Count - start);

        Assert.Equal(packed, again.ToArray());
        Assert.Equal(packed, new SpanPacker().Pack(batch, 0, batch.Count).ToArray());
    }

    [Property(MaxTest = 100)]
    public void Spans_that_share_attributes_share_them_again(BatchRecipe recipe)
    {
        SpanBatch batch = recipe.Build();
        SpanBatch back = new();

        _unpacker.Unpack(_packer.Pack(batch, 0, batch.Count).Span, back);

        foreach (IGrouping<int, int> sharing in Enumerable.Range(0, batch.Count).Where(i => batch[i].SharedCount > 0).GroupBy(i => batch[i].SharedStart))
        {
            Assert.Single(sharing.Select(i => back[i].SharedStart).Distinct());
        }
    }

    [Fact]
    public void Nothing_packs_to_nothing()
    {
        SpanBatch back = new();

        _unpacker.Unpack(_packer.Pack(new SpanBatch(), []).Span, back);

        Assert.Equal(0, back.Count);
    }

    [Fact]
    public void A_text_of_ten_megabytes_comes_back()
    {
        SpanBatch batch = new();
        batch.AddAttribute("body", new string('x', 10_000_000));
        batch.AddSpan().AttributeCount = 1;
        SpanBatch back = new();

        _unpacker.Unpack(_packer.Pack(batch, 0, 1).Span, back);

        Assert.Equal(SpanBatchText.Describe(batch), SpanBatchText.Describe(back));
    }

    [Fact]
    public void Indexes_outside_the_batch_are_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => _packer.Pack(new SpanBatch(), 0, 1));

    [Fact]
    public void A_packer_works_on_after_a_refusal()
    {
        SpanBatch batch = new BatchRecipe(5, 20).Build();
        byte[] packed = _packer.Pack(batch, 0, batch.Count).ToArray();

        Assert.ThrowsAny<ArgumentException>(() => _packer.Pack(batch, [0, 1, 2, batch.Count]));

        Assert.Equal(packed, _packer.Pack(batch, 0, batch.Count).ToArray());
    }
}
