using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>What many traces waited for, together: exclusive time on the critical path by service and operation, without the ids in it. Not thread-safe.</summary>
public sealed class CriticalPathProfile
{
    private readonly Dictionary<(string Service, string Operation), Sum> _sums = [];

    /// <summary>How many traces there are whose critical path is known.</summary>
    public int Traces { get; private set; }

    /// <summary>How long their critical paths are together, in ns.</summary>
    public long TotalNano { get; private set; }

    /// <summary>The parts of it, the longest first.</summary>
    public IReadOnlyList<ProfilePart> Parts =>
    [
        .. _sums.Select(static item => new ProfilePart(item.Key.Service, item.Key.Operation, item.Value.Nano, item.Value.Traces))
            .OrderByDescending(static part => part.Nano)
            .ThenBy(static part => part.Service, StringComparer.Ordinal).ThenBy(static part => part.Operation, StringComparer.Ordinal),
    ];

    /// <summary>Adds a trace; one without a root that ended has no critical path and adds nothing.</summary>
    public void Add(Trace trace, CriticalPathMode mode = CriticalPathMode.Strict)
    {
        var path = new CriticalPath(trace, mode);
        if (!path.IsKnown)
        {
            return;
        }

        Traces++;
        foreach (var times in ExclusiveTime.Of(trace, path).GroupBy(static time => (time.Service, OperationTemplate.Of(time.Operation))))
        {
            long nano = times.Sum(static time => time.Nano);
            TotalNano += nano;
            ref Sum sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, times.Key, out _);
            sum = new Sum(sum.Nano + nano, sum.Traces + 1);
        }
    }

    private readonly record struct Sum(long Nano, int Traces);
}
