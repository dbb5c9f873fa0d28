using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>
/// How a numeric value is distributed, such as an amount. Sketches of millionths: those of a negative value apart, since buckets know no sign.
/// Not thread-safe.
/// </summary>
public sealed class ValueMeasures : IMeasures<ValueMeasures>
{
    private const double Scale = 1e6;
    private const double Limit = 1e12;

    private readonly LatencySketch _positive;
    private readonly LatencySketch _negative;

    /// <summary>Nothing yet.</summary>
    public ValueMeasures()
        : this(new LatencySketch(), new LatencySketch())
    {
    }

    private ValueMeasures(LatencySketch positive, LatencySketch negative) => (_positive, _negative) = (positive, negative);

    /// <summary>How many values there are.</summary>
    public AdjustedCount Count => _positive.Count + _negative.Count;

    /// <summary>The sum of the values.</summary>
    public double Sum => (_positive.SumNano - _negative.SumNano) / Scale;

    /// <summary>The least value, within 1 %.</summary>
    public double Min => (_negative.IsEmpty ? _positive.MinNano : -_negative.MaxNano) / Scale;

    /// <summary>The greatest value, within 1 %.</summary>
    public double Max => (_positive.IsEmpty ? -_negative.MinNano : _positive.MaxNano) / Scale;

    /// <inheritdoc/>
    public bool IsEmpty => _positive.IsEmpty && _negative.IsEmpty;

    /// <summary>Adds a value, which is kept to a millionth and bounded at 10¹² either way; what is not a number is left out.</summary>
    public void Add(double value, AdjustedCount count)
    {
        if (!double.IsNaN(value))
        {
            long scaled = (long)Math.Round(Math.Clamp(Math.Abs(value), 0, Limit) * Scale);
            (value < 0 ? _negative : _positive).Add(scaled, count);
        }
    }

    /// <summary>The value that a part of all values do not exceed, within 1 %: 0.5 for the median. 0 where there is none.</summary>
    public double Quantile(double part)
    {
        double rank = Math.Clamp(part, 0, 1) * Count.Value;
        double below = _negative.Count.Value;
        return rank <= below && below > 0
            ? -_negative.Quantile((below - Math.Ceiling(rank) + 1) / below) / Scale
            : _positive.Quantile(_positive.IsEmpty ? 0 : (rank - below) / _positive.Count.Value) / Scale;
    }

    /// <inheritdoc/>
    public ValueMeasures Copy() => new(_positive.Copy(), _negative.Copy());

    /// <inheritdoc/>
    public void Merge(ValueMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _positive.Merge(other._positive);
        _negative.Merge(other._negative);
    }

    /// <inheritdoc/>
    public void Subtract(ValueMeasures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _positive.Subtract(other._positive);
        _negative.Subtract(other._negative);
    }

    /// <inheritdoc/>
    public void Write(BinaryWriter writer)
    {
        _positive.Write(writer);
        _negative.Write(writer);
    }

    /// <inheritdoc/>
    public static ValueMeasures Read(BinaryReader reader) => new(LatencySketch.Read(reader), LatencySketch.Read(reader));
}
