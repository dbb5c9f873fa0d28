using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Tests.Analysis.Latency;

public class LatencyMeasuresTests
{
    [Fact]
    public void What_has_not_ended_counts_and_may_fail_but_has_no_duration()
    {
        LatencyMeasures measures = Some();
        Assert.Equal((22.5, 21.5, 21.5), (measures.Count.Value, measures.Errors.Value, measures.Durations.Count.Value));
    }

    [Fact]
    public void What_was_measured_is_read_as_written_and_can_be_taken_back()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        Some().Write(writer);
        writer.Flush();
        bytes.Position = 0;
        using var reader = new BinaryReader(bytes);
        LatencyMeasures read = LatencyMeasures.Read(reader);
        Assert.True(read.ContentEquals(Some()));
        Assert.Equal(bytes.Length, bytes.Position);

        read.Merge(Some());
        Assert.Equal(45, read.Count.Value);
        read.Subtract(Some());
        read.Subtract(Some());
        Assert.True(read.IsEmpty);
    }

    [Fact]
    public void What_failed_is_taken_back_with_its_duration()
    {
        // A failed span that turns out to have taken longer: neither count changes, and the durations of failures do.
        var difference = new LatencyMeasures();
        difference.Add(9_000_000, failed: true, AdjustedCount.One);
        difference.Add(5_000_000, failed: true, -AdjustedCount.One);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        difference.Write(writer);
        bytes.Position = 0;
        using var reader = new BinaryReader(bytes);

        var sum = new LatencyMeasures();
        sum.Add(5_000_000, failed: true, AdjustedCount.One);
        sum.Merge(LatencyMeasures.Read(reader));
        var expected = new LatencyMeasures();
        expected.Add(9_000_000, failed: true, AdjustedCount.One);
        Assert.True(sum.ContentEquals(expected));
        Assert.Equal(AdjustedCount.One, sum.CountBad(7_000_000));
    }

    private static LatencyMeasures Some()
    {
        var measures = new LatencyMeasures();
        measures.Add(5_000_000, failed: false, AdjustedCount.One);
        measures.Add(7_000_000, failed: true, AdjustedCount.Of(20.5));
        measures.Add(null, failed: true, AdjustedCount.One);
        return measures;
    }
}
