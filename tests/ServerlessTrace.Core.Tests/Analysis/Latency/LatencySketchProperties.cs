using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Tests.Analysis.Latency;

public class LatencySketchProperties
{
    private static readonly double[] Parts = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

    [Property(MaxTest = 300)]
    public void A_quantile_is_within_one_percent_of_the_duration_at_its_rank(int seed)
    {
        long[] durations = RandomDurations(seed);
        LatencySketch sketch = Of(durations);
        Array.Sort(durations);
        foreach (double part in Parts)
        {
            int rank = Math.Max(1, (int)Math.Ceiling((part * durations.Length) - 1e-6));
            AssertNear(durations[rank - 1], sketch.Quantile(part));
        }

        AssertNear(durations[0], sketch.MinNano);
        AssertNear(durations[^1], sketch.MaxNano);
        Assert.Equal(durations.Length, sketch.Count.Value);
        Assert.Equal(durations.Sum(static duration => (double)duration), sketch.SumNano, durations.Sum(static duration => (double)duration) * 1e-9);
    }

    [Property(MaxTest = 200)]
    public void A_duration_that_stands_for_several_counts_as_if_it_had_been_added_so_often(int seed)
    {
        var random = new Random(seed);
        LatencySketch weighted = new(), repeated = new();
        foreach (long duration in RandomDurations(seed))
        {
            int times = random.Next(1, 20);
            weighted.Add(duration, AdjustedCount.Of(times));
            for (int i = 0; i < times; i++)
            {
                repeated.Add(duration);
            }
        }

        Assert.True(weighted.ContentEquals(repeated));
    }

    [Property(MaxTest = 200)]
    public void Merging_gives_the_same_in_any_order_and_grouping(int seed)
    {
        (LatencySketch a, LatencySketch b, LatencySketch c) = (Random(seed), Random(seed + 1), Random(seed + 2));
        LatencySketch left = Merged(Merged(a, b), c);
        LatencySketch right = Merged(c, Merged(b, a));
        Assert.True(left.ContentEquals(right));
    }

    [Property(MaxTest = 200)]
    public void Taking_back_what_was_merged_leaves_what_was_before(int seed)
    {
        (LatencySketch a, LatencySketch b) = (Random(seed), Random(seed + 1));
        LatencySketch both = Merged(a, b);
        both.Subtract(b);
        Assert.True(both.ContentEquals(a));

        // A re-seal's difference may come first.
        var difference = new LatencySketch();
        difference.Subtract(a);
        difference.Merge(b);
        Assert.True(Merged(difference, a).ContentEquals(b));
        difference.Subtract(b);
        difference.Merge(a);
        Assert.True(difference.IsEmpty);
        Assert.Equal(0, difference.SumNano);
    }

    [Property(MaxTest = 200)]
    public void A_sketch_is_read_as_it_was_written(int seed)
    {
        LatencySketch sketch = Random(seed);
        sketch.Subtract(Random(seed + 1));
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        sketch.Write(writer);
        writer.Flush();
        bytes.Position = 0;
        using var reader = new BinaryReader(bytes);
        LatencySketch read = LatencySketch.Read(reader);
        Assert.True(read.ContentEquals(sketch));
        Assert.Equal(bytes.Length, bytes.Position);
    }

    [Fact]
    public void An_empty_sketch_is_all_zero()
    {
        var sketch = new LatencySketch();
        Assert.Equal((0, 0, 0, 0, 0), (sketch.Quantile(0.99), sketch.MinNano, sketch.MaxNano, sketch.MeanNano, sketch.Count.Value));
    }

    [Fact]
    public void Durations_above_a_limit_are_counted()
    {
        LatencySketch sketch = Of([.. Enumerable.Range(1, 1000).Select(static ms => ms * 1_000_000L)]);
        Assert.InRange(sketch.CountAbove(500_000_000).Value, 490, 500);
        Assert.Equal(1000, sketch.CountAbove(0).Value);
        Assert.Equal(0, sketch.CountAbove(long.MaxValue).Value);
    }

    [Fact]
    public void The_usual_sketch_takes_two_bytes_a_bucket()
    {
        LatencySketch sketch = Of([.. Enumerable.Range(0, 5000).Select(static i => 50_000_000L + (i * 10_000))]);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        sketch.Write(writer);
        writer.Flush();
        Assert.InRange(bytes.Length, 60, 150);
    }

    private static LatencySketch Merged(LatencySketch left, LatencySketch right)
    {
        LatencySketch merged = left.Copy();
        merged.Merge(right);
        return merged;
    }

    private static LatencySketch Random(int seed)
    {
        var random = new Random(seed);
        bool sampled = random.Next(2) == 0;
        var sketch = new LatencySketch();
        foreach (long duration in RandomDurations(seed))
        {
            sketch.Add(duration, sampled ? AdjustedCount.Of(1 / (0.01 + random.NextDouble())) : AdjustedCount.One);
        }

        return sketch;
    }

    private static LatencySketch Of(long[] durations)
    {
        var sketch = new LatencySketch();
        foreach (long duration in durations)
        {
            sketch.Add(duration);
        }

        return sketch;
    }

    private static long[] RandomDurations(int seed)
    {
        var random = new Random(seed);
        double widest = random.NextDouble() * 63;
        return [.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => (long)Math.Min(Math.Pow(2, random.NextDouble() * widest) - 1, long.MaxValue / 2))];
    }

    private static void AssertNear(long expected, double actual) => Assert.InRange(actual, expected * (1 - LatencySketch.RelativeError), expected * (1 + LatencySketch.RelativeError));
}
