using System.Runtime.InteropServices;
using ServerlessTrace.Core.Alerting.Evaluation;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Functions.Alerts.Evaluation;

/// <summary>Which windows of which rules a minute belongs to.</summary>
public sealed class WindowsByMinute
{
    private readonly Dictionary<int, List<(SeriesGroups Groups, int Window)>> _windows = [];

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

    /// <summary>Adds what series measured to every window that it is in.</summary>
    public void Merge(SeriesTable<LatencySeries, LatencyMeasures> table)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach ((LatencySeries series, int minute, LatencyMeasures measures) in table.All)
        {
            foreach ((SeriesGroups groups, int window) in _windows.GetValueOrDefault(minute) ?? [])
            {
                groups.Add(window, series, measures);
            }
        }
    }

    /// <summary>The same for the parts of series that have a value of an attribute.</summary>
    public void Merge(SeriesTable<AttributeSeries, LatencyMeasures> table)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach ((AttributeSeries series, int minute, LatencyMeasures measures) in table.All)
        {
            foreach ((SeriesGroups groups, int window) in _windows.GetValueOrDefault(minute) ?? [])
            {
                groups.Add(window, series, measures);
            }
        }
    }

    private static int MinuteOf(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / 60);

    private static DateTimeOffset TimeOf(int minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60L);
}
