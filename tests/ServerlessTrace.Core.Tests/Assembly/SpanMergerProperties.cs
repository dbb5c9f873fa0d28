using FsCheck.Xunit;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Assembly;

public class SpanMergerProperties
{
    [Property(MaxTest = 300)]
    public void Order_makes_no_difference(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(30, traces: 2, partsPerSpan: 6);

        AssertSame(RandomParts.Merged(parts), RandomParts.Merged(random.Shuffle(parts)));
    }

    [Property(MaxTest = 300)]
    public void Redelivery_makes_no_difference(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(30, traces: 2, partsPerSpan: 6);

        AssertSame(RandomParts.Merged(parts), RandomParts.Merged(random.Shuffle([.. parts, .. random.Some(parts)])));
    }

    [Property(MaxTest = 300)]
    public void Batching_makes_no_difference(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(30, traces: 2, partsPerSpan: 6);

        IEnumerable<SpanPart> mergedInBatches = random.Split(parts).SelectMany(RandomParts.Merged);

        AssertSame(RandomParts.Merged(parts), RandomParts.Merged(mergedInBatches));
    }

    [Property(MaxTest = 300)]
    public void What_is_merged_already_absorbs_its_parts(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(30, traces: 2, partsPerSpan: 6);
        IReadOnlyList<SpanPart> merged = RandomParts.Merged(parts);

        AssertSame(merged, RandomParts.Merged(random.Shuffle([.. merged, .. random.Some(parts)])));
    }

    private static void AssertSame(IEnumerable<SpanPart> expected, IEnumerable<SpanPart> actual) =>
        Assert.Equal(expected.Select(static part => part.ToString()), actual.Select(static part => part.ToString()));
}
