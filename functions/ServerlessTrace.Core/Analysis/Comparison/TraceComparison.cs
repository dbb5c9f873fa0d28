using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Comparison;

/// <summary>
/// What is different between two traces: time by service and by operation, and the calls that only one of them makes. Nothing, for a trace and
/// itself. Linear in the spans of both. Valid as long as both analyses are.
/// </summary>
public sealed class TraceComparison
{
    /// <summary>Compares two traces.</summary>
    public TraceComparison(TraceAnalysis before, TraceAnalysis after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        Before = before;
        After = after;
        Services = Changes(byOperation: false);
        Operations = Changes(byOperation: true);
        Structure = new CallTree(before, after).Changes();
    }

    /// <summary>The first trace.</summary>
    public TraceAnalysis Before { get; }

    /// <summary>The second trace.</summary>
    public TraceAnalysis After { get; }

    /// <summary>How much longer the second trace took, in ns.</summary>
    public long DurationNano => After.Times.Duration - Before.Times.Duration;

    /// <summary>Services of which anything changed: what became slower on the critical path first, what became faster last.</summary>
    public IReadOnlyList<OperationChange> Services { get; }

    /// <summary>Operations of which anything changed, in the same order.</summary>
    public IReadOnlyList<OperationChange> Operations { get; }

    /// <summary>Calls that only one trace makes, or that they do not make equally often, those above before those below.</summary>
    public IReadOnlyList<StructureChange> Structure { get; }

    /// <summary>Whether nothing is different.</summary>
    public bool IsEmpty => DurationNano == 0 && Services.Count == 0 && Operations.Count == 0 && Structure.Count == 0;

    private OperationChange[] Changes(bool byOperation)
    {
        var sums = new Dictionary<(string Service, string? Operation), (SpanSums Before, SpanSums After)>();
        foreach (((string, string?) key, SpanSums sum) in Sum(Before, byOperation))
        {
            sums[key] = (sum, default);
        }

        foreach (((string, string?) key, SpanSums sum) in Sum(After, byOperation))
        {
            sums[key] = (sums.GetValueOrDefault(key).Before, sum);
        }

        return
        [
            .. sums.Where(static entry => entry.Value.Before != entry.Value.After)
                .Select(static entry => new OperationChange(entry.Key.Service, entry.Key.Operation, entry.Value.Before, entry.Value.After))
                .OrderByDescending(static change => change.PathNano).ThenByDescending(static change => change.SelfNano)
                .ThenBy(static change => change.Service, StringComparer.Ordinal).ThenBy(static change => change.Operation, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<((string Service, string? Operation) Key, SpanSums Sum)> Sum(TraceAnalysis analysis, bool byOperation)
    {
        Trace trace = analysis.Trace;
        var sums = new Dictionary<(int Service, int Name), SpanSums>();
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref SpanSums sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, (trace[i].Service, byOperation ? trace[i].Name : 0), out _);
            sum = sum.With(analysis, i);
        }

        return sums.Select(entry => ((trace.Batch.Text(entry.Key.Service), byOperation ? trace.Batch.Text(entry.Key.Name) : null), entry.Value));
    }
}
