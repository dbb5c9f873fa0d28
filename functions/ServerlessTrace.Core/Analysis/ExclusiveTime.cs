using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis;

/// <summary>How much of the critical path one operation of one service has for itself.</summary>
/// <param name="Service">The service.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Nano">In ns.</param>
public sealed record ExclusiveTime(string Service, string Operation, long Nano)
{
    /// <summary>The exclusive times of a critical path, greatest first, then by service and operation.</summary>
    public static IReadOnlyList<ExclusiveTime> Of(Trace trace, CriticalPath path)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(path);
        var sums = new Dictionary<(int Service, int Name), long>();
        foreach (CriticalPathSection section in path.Sections)
        {
            (int, int) key = (trace[section.Span].Service, trace[section.Span].Name);
            sums[key] = sums.GetValueOrDefault(key) + section.Duration;
        }

        var times = new List<ExclusiveTime>(sums.Count);
        foreach (((int service, int name), long nano) in sums)
        {
            times.Add(new ExclusiveTime(trace.Batch.Text(service), trace.Batch.Text(name), nano));
        }

        times.Sort(static (x, y) =>
        {
            int order = y.Nano.CompareTo(x.Nano);
            order = order != 0 ? order : string.CompareOrdinal(x.Service, y.Service);
            return order != 0 ? order : string.CompareOrdinal(x.Operation, y.Operation);
        });
        return times;
    }
}
