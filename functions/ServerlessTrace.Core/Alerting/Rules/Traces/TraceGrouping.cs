using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>Tells of traces that match together: the first of a group is told of at once, those that follow within an interval are listed with it only.</summary>
public sealed record TraceGrouping
{
    /// <summary>What makes a group: <c>service</c>, <c>operation</c>, <c>environment</c>; nothing for one group of all.</summary>
    public IReadOnlyList<string> By { get; init; } = [SeriesDimension.Service];

    /// <summary>How long one notification speaks for a group.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The group of what a rule found.</summary>
    public GroupKey Of(GroupKey found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return new GroupKey
        {
            Service = By.Contains(SeriesDimension.Service, StringComparer.Ordinal) ? found.Service : null,
            Operation = found.Operation is { } operation && By.Contains(SeriesDimension.Operation, StringComparer.Ordinal) ? OperationTemplate.Of(operation) : null,
            Environment = By.Contains(SeriesDimension.Environment, StringComparer.Ordinal) ? found.Environment : null,
        };
    }

    internal IEnumerable<string> FindProblems()
    {
        if (By.Any(name => !SeriesDimension.IsNamed(name)) || By.Distinct(StringComparer.Ordinal).Count() != By.Count)
        {
            yield return "'group.by' may list service, operation and environment, each once.";
        }

        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromDays(1))
        {
            yield return "'group.interval' must be from 1s to 1d.";
        }
    }
}
