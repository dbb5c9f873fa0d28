using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>
/// Keeps the number of series bounded, whatever names and values senders make up: of a service so many operations, of an attribute of a service so many
/// values, of a caller so many callees. What comes first is told apart; all else is counted under one name, so that sums stay exact. Not thread-safe.
/// </summary>
internal sealed class SeriesBounds
{
    /// <summary>Names of a group that are told apart.</summary>
    public const int MostNames = 500;

    /// <summary>The operation of those that are not told apart.</summary>
    public const string OtherOperations = "(other operations)";

    /// <summary>The value of those that are not told apart.</summary>
    public const string OtherValues = "(other values)";

    private const string OtherCallees = "(others)";

    private readonly BoundedNames _operations = new(MostNames);
    private readonly BoundedNames _values = new(MostNames);
    private readonly BoundedNames _callees = new(MostNames);

    public LatencySeries Fit(LatencySeries series)
    {
        string operation = _operations.Fit(series.Service, series.Operation, OtherOperations);
        return ReferenceEquals(operation, series.Operation) ? series : series with { Operation = operation };
    }

    public AttributeSeries Fit(AttributeSeries series) => series with
    {
        Series = Fit(series.Series),
        Value = _values.Fit($"{series.Name}\n{series.Series.Service}", series.Value, OtherValues),
    };

    public DependencySeries Fit(DependencySeries series)
    {
        string callee = _callees.Fit(series.Caller.Name, series.Callee.Name, OtherCallees);
        return ReferenceEquals(callee, series.Callee.Name) ? series : series with { Callee = series.Callee with { Name = callee } };
    }
}
