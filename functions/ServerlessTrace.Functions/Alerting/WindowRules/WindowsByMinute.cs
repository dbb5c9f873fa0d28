using System.Runtime.InteropServices;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>
/// Which windows of which rules a minute belongs to, and what was measured in them. Minutes that belong to the same windows make a stretch: what all shards
/// measured of a series in a stretch is merged first, and once; rules then merge stretches, however many rules there are.
/// </summary>
public sealed class WindowsByMinute
{
    private readonly Dictionary<int, List<(SeriesGroups Groups, int Window)>> _windows = [];
    private readonly List<List<(SeriesGroups Groups, int Window)>> _stretches = [];
    private readonly Dictionary<int, int> _stretchOf = [];
    private readonly SeriesTable<LatencySeries, LatencyMeasures> _series = new();
    private readonly SeriesTable<AttributeSeries, LatencyMeasures> _attributes = new();

    /// <summary>Has a window of a rule filled.</summary>
    public void Add(AlertWindow window, SeriesGroups groups, int number)
    {
        for (int minute = MinuteOf(window.From); minute < MinuteOf(window.To); minute++)
        {
            ref List<(SeriesGroups, int)>? its = ref CollectionsMarshal.GetValueRefOrAddDefault(_windows, minute, out _);
            (its ??= []).Add((groups, number));
        }
    }

    /// <summary>The stretches of time that have to be read, without gaps and overlaps.</summary>
    public IEnumerable<AlertWindow> Ranges()
    {
        int[] minutes = [.. _windows.Keys.Order()];
        int first = 0;
        for (int i = 1; i <= minutes.Length; i++)
        {
            if (i == minutes.Length || minutes[i] != minutes[i - 1] + 1)
            {
                yield return new AlertWindow(TimeOf(minutes[first]), TimeOf(minutes[i - 1] + 1));
                first = i;
            }
        }
    }

    /// <summary>Adds what series measured.</summary>
    public void Merge(TraceAggregates block)
    {
        ArgumentNullException.ThrowIfNull(block);
        Merge(block.Latency, _series);
        Merge(block.Attributes, _attributes);
    }

    /// <summary>Fills the windows with all that was added.</summary>
    public void Fill()
    {
        foreach ((LatencySeries series, int stretch, LatencyMeasures measures) in _series.All)
        {
            foreach ((SeriesGroups groups, int window) in _stretches[stretch])
            {
                groups.Add(window, series, measures);
            }
        }

        foreach ((AttributeSeries series, int stretch, LatencyMeasures measures) in _attributes.All)
        {
            foreach ((SeriesGroups groups, int window) in _stretches[stretch])
            {
                groups.Add(window, series, measures);
            }
        }
    }

    private void Merge<TSeries>(SeriesTable<TSeries, LatencyMeasures> from, SeriesTable<TSeries, LatencyMeasures> to)
        where TSeries : struct, IEquatable<TSeries>
    {
        foreach ((TSeries series, int minute, LatencyMeasures measures) in from.All)
        {
            if (StretchOf(minute) is >= 0 and int stretch)
            {
                to.Merge(series, stretch, measures);
            }
        }
    }

    /// <summary>The stretch of a minute; -1 where no window has it.</summary>
    private int StretchOf(int minute)
    {
        ref int stretch = ref CollectionsMarshal.GetValueRefOrAddDefault(_stretchOf, minute, out bool isKnown);
        if (!isKnown)
        {
            stretch = _windows.TryGetValue(minute, out List<(SeriesGroups, int)>? windows) ? NumberOf(windows) : -1;
        }

        return stretch;
    }

    private int NumberOf(List<(SeriesGroups Groups, int Window)> windows)
    {
        int known = _stretches.FindIndex(windows.SequenceEqual);
        if (known < 0)
        {
            _stretches.Add(windows);
            known = _stretches.Count - 1;
        }

        return known;
    }

    private static int MinuteOf(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / 60);

    private static DateTimeOffset TimeOf(int minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60L);
}
