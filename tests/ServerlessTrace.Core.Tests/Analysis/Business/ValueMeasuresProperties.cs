using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Tests.Analysis.Business;

public class ValueMeasuresProperties
{
    [Property(MaxTest = 200)]
    public void Sums_are_exact_and_quantiles_within_one_percent_also_for_refunds(int seed)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => Math.Round((random.NextDouble() - 0.3) * Math.Pow(10, random.Next(6)), 2))];
        var measures = new ValueMeasures();
        foreach (double value in values)
        {
            measures.Add(value, AdjustedCount.One);
        }

        Array.Sort(values);
        Assert.Equal(values.Sum(), measures.Sum, 1e-6 * values.Sum(Math.Abs));
        AssertNear(values[0], measures.Min);
        AssertNear(values[^1], measures.Max);
        foreach (double part in new[] { 0.01, 0.25, 0.5, 0.9, 0.99, 1 })
        {
            AssertNear(values[Math.Max(0, (int)Math.Ceiling((part * values.Length) - 1e-6) - 1)], measures.Quantile(part));
        }
    }

    [Fact]
    public void What_is_not_a_number_is_left_out_and_what_is_endless_is_bounded()
    {
        var measures = new ValueMeasures();
        measures.Add(double.NaN, AdjustedCount.One);
        Assert.True(measures.IsEmpty);
        measures.Add(double.PositiveInfinity, AdjustedCount.One);
        Assert.Equal(1e12, measures.Sum, 1.0);
    }

    private static void AssertNear(double expected, double actual) => Assert.InRange(Math.Abs(actual - expected), 0, (Math.Abs(expected) * LatencySketch.RelativeError) + 1e-9);
}
