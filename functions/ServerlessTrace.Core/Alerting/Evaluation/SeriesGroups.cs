using System.Runtime.InteropServices;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Core.Alerting.Evaluation;

/// <summary>Merges the series of a rule's windows into its groups. Merging is exact, so the order of shards and minutes makes no difference.</summary>
public sealed class SeriesGroups
{
    private readonly SeriesRule _rule;
    private readonly int _windows;
    private readonly string? _operation;

    /// <summary>The windows of a series' group; null for a series that the rule is not about.</summary>
    private readonly Dictionary<LatencySeries, LatencyMeasures?[]?> _windowsOf = [];
    private readonly Dictionary<AttributeSeries, LatencyMeasures?[]?> _windowsOfAttribute = [];
    private readonly Dictionary<GroupKey, LatencyMeasures?[]> _groups = [];

    /// <summary>No groups yet, but for the one that the rule names.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="windows">How many windows it looks at.</param>
    public SeriesGroups(SeriesRule rule, int windows)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _rule = rule;
        _windows = windows;
        _operation = rule.Match.Operation is { } operation ? OperationTemplate.Of(operation) : null;
        if (rule.FixedGroup is { } named)
        {
            _groups.Add(named, new LatencyMeasures?[windows]);
        }
    }

    /// <summary>The groups that were seen.</summary>
    public IReadOnlyCollection<GroupKey> Keys => _groups.Keys;

    /// <summary>Adds what a series measured in a window; nothing where the rule is not about it.</summary>
    public void Add(int window, LatencySeries series, LatencyMeasures measures)
    {
        ref LatencyMeasures?[]? windows = ref CollectionsMarshal.GetValueRefOrAddDefault(_windowsOf, series, out bool known);
        if (!known)
        {
            windows = _rule.Attribute is null ? WindowsOf(GroupOf(series)) : null;
        }

        Merge(windows, window, measures);
    }

    /// <summary>Adds what the part of a series measured that has a value of an attribute; nothing where the rule is not about it.</summary>
    public void Add(int window, AttributeSeries series, LatencyMeasures measures)
    {
        if (_rule.Attribute is not { } name || !AttributeName.IsSame(name, series.Name))
        {
            return;
        }

        ref LatencyMeasures?[]? windows = ref CollectionsMarshal.GetValueRefOrAddDefault(_windowsOfAttribute, series, out bool known);
        if (!known)
        {
            bool isOther = _rule.Match.Attributes.TryGetValue(name, out string? wanted) && !string.Equals(wanted, series.Value, StringComparison.Ordinal);
            GroupKey? group = isOther ? null : GroupOf(series.Series);
            windows = WindowsOf(group is null ? null : group with { Attributes = new Dictionary<string, string> { [name] = series.Value } });
        }

        Merge(windows, window, measures);
    }

    private LatencyMeasures?[]? WindowsOf(GroupKey? group)
    {
        if (group is null)
        {
            return null;
        }

        ref LatencyMeasures?[]? windows = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, group, out _);
        return windows ??= new LatencyMeasures?[_windows];
    }

    private static void Merge(LatencyMeasures?[]? windows, int window, LatencyMeasures measures)
    {
        if (windows is not null)
        {
            (windows[window] ??= new LatencyMeasures()).Merge(measures);
        }
    }

    /// <summary>What a group measured in each window.</summary>
    public IReadOnlyList<LatencyMeasures> Of(GroupKey group)
    {
        ArgumentNullException.ThrowIfNull(group);
        _groups.TryGetValue(group, out LatencyMeasures?[]? merged);
        var measures = new LatencyMeasures[_windows];
        for (int i = 0; i < measures.Length; i++)
        {
            measures[i] = merged?[i] ?? new LatencyMeasures();
        }

        return measures;
    }

    private GroupKey? GroupOf(LatencySeries series)
    {
        LatencyStep wanted = _rule.Of == MeasuredStep.Traces ? LatencyStep.Trace : LatencyStep.Span;
        if (series.Step != wanted
            || !Matches(_rule.Match.Service, series.Service)
            || !Matches(_operation, series.Operation)
            || !Matches(_rule.Match.Environment, series.Environment))
        {
            return null;
        }

        return new GroupKey
        {
            Service = Part(SeriesDimension.Service, _rule.Match.Service, series.Service),
            Operation = Part(SeriesDimension.Operation, _rule.Match.Operation, series.Operation),
            Environment = Part(SeriesDimension.Environment, _rule.Match.Environment, series.Environment),
        };
    }

    private string? Part(string name, string? matched, string value) => matched ?? (_rule.GroupBy.Contains(name, StringComparer.Ordinal) ? value : null);

    private static bool Matches(string? wanted, string value) => wanted is null || string.Equals(wanted, value, StringComparison.Ordinal);
}
