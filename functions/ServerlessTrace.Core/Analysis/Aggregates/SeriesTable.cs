using System.Runtime.InteropServices;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>What series measured, minute by minute. A table never shares measures with another one: a sum may be merged any number of times. Not thread-safe.</summary>
/// <typeparam name="TSeries">The key of a series.</typeparam>
/// <typeparam name="TMeasures">What is measured.</typeparam>
public sealed class SeriesTable<TSeries, TMeasures>
    where TSeries : struct, IEquatable<TSeries>
    where TMeasures : class, IMeasures<TMeasures>, new()
{
    private readonly Dictionary<(TSeries Series, int Minute), TMeasures> _measures = [];

    /// <summary>How many pairs of series and minute there are.</summary>
    public int Count => _measures.Count;

    /// <summary>Each series and minute, in minutes since 1970 UTC, in no order.</summary>
    public IEnumerable<(TSeries Series, int Minute, TMeasures Measures)> All => _measures.Select(static item => (item.Key.Series, item.Key.Minute, item.Value));

    /// <summary>What a series measured in a minute, to be added to.</summary>
    public TMeasures At(TSeries series, int minute)
    {
        ref TMeasures? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_measures, (series, minute), out _);
        return known ??= new TMeasures();
    }

    /// <summary>Adds what a series measured in a minute.</summary>
    public void Merge(TSeries series, int minute, TMeasures measures)
    {
        ArgumentNullException.ThrowIfNull(measures);
        Adopt(series, minute, measures, isShared: true);
    }

    /// <summary>Adds measures that the caller has made and does not use any more.</summary>
    public void Adopt(TSeries series, int minute, TMeasures measures)
    {
        ArgumentNullException.ThrowIfNull(measures);
        Adopt(series, minute, measures, isShared: false);
    }

    /// <summary>Adds all that another table has.</summary>
    public void Merge(SeriesTable<TSeries, TMeasures> other) => Merge(other, static series => series);

    /// <summary>Adds all that another table has, each series under what it is to be counted as.</summary>
    internal void Merge(SeriesTable<TSeries, TMeasures> other, Func<TSeries, TSeries> fit)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (((TSeries series, int minute), TMeasures measures) in other._measures)
        {
            Merge(fit(series), minute, measures);
        }
    }

    /// <summary>Takes back what another table has, each series from what it was counted as.</summary>
    internal void Subtract(SeriesTable<TSeries, TMeasures> other, Func<TSeries, TSeries> fit)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (((TSeries series, int minute), TMeasures measures) in other._measures)
        {
            (TSeries Series, int Minute) key = (fit(series), minute);
            TMeasures known = At(key.Series, key.Minute);
            known.Subtract(measures);
            DropEmpty(key, known);
        }
    }

    /// <summary>Leaves out what was measured in other minutes.</summary>
    /// <param name="first">The first minute to be kept.</param>
    /// <param name="end">The minute after the last one.</param>
    public void Keep(int first, int end)
    {
        foreach ((TSeries Series, int Minute) key in _measures.Keys)
        {
            if (key.Minute < first || key.Minute >= end)
            {
                _measures.Remove(key);
            }
        }
    }

    /// <summary>Leaves out series. Returns how many pairs of series and minute that were.</summary>
    public int Remove(Func<TSeries, bool> goes)
    {
        ArgumentNullException.ThrowIfNull(goes);
        (TSeries Series, int Minute)[] gone = [.. _measures.Keys.Where(key => goes(key.Series))];
        foreach ((TSeries Series, int Minute) key in gone)
        {
            _measures.Remove(key);
        }

        return gone.Length;
    }

    /// <summary>Merges minutes into steps of so many, each known by its first minute.</summary>
    /// <param name="first">The minute at which a step begins.</param>
    /// <param name="step">The minutes of a step.</param>
    public void Coarsen(int first, int step)
    {
        ((TSeries Series, int Minute) Key, TMeasures Measures)[] fine = [.. _measures.Select(static item => (item.Key, item.Value))];
        _measures.Clear();
        foreach (((TSeries series, int minute), TMeasures measures) in fine)
        {
            Adopt(series, minute - ((minute - first) % step), measures);
        }
    }

    private void Adopt(TSeries series, int minute, TMeasures measures, bool isShared)
    {
        ref TMeasures? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_measures, (series, minute), out bool isKnown);
        if (!isKnown)
        {
            known = isShared ? measures.Copy() : measures;
            return;
        }

        known!.Merge(measures);
        DropEmpty((series, minute), known);
    }

    private void DropEmpty((TSeries Series, int Minute) key, TMeasures measures)
    {
        if (measures.IsEmpty)
        {
            _measures.Remove(key);
        }
    }
}
