using System.Runtime.InteropServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Usage;

/// <summary>Counts span parts by service while a source is read.</summary>
public sealed class ServiceTally
{
    /// <summary>Services that are counted by name; the others share one entry. A sender that makes services up must not grow every receipt.</summary>
    private const int ServicesNamed = 100;

    private const int LongestName = 128;

    private readonly Dictionary<string, long> _spans = new(StringComparer.Ordinal);
    private readonly Dictionary<int, long> _numbers = [];

    /// <summary>Adds the records of a batch from one on.</summary>
    public void Add(SpanBatch batch, int from)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _numbers.Clear();
        foreach (ref readonly SpanRecord span in batch.Spans[from..])
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_numbers, span.Service, out _)++;
        }

        foreach ((int service, long spans) in _numbers)
        {
            Add(batch.Text(service), spans);
        }
    }

    /// <summary>What several counted together, the most first.</summary>
    public static IReadOnlyList<ServiceSpans> Sum(IEnumerable<ServiceTally> tallies)
    {
        ArgumentNullException.ThrowIfNull(tallies);
        var sum = new ServiceTally();
        foreach ((string service, long spans) in tallies.SelectMany(tally => tally._spans))
        {
            sum.Add(service, spans);
        }

        return sum.ToList();
    }

    /// <summary>What was counted, the most first.</summary>
    public IReadOnlyList<ServiceSpans> ToList() =>
        [.. _spans.OrderByDescending(item => item.Value).ThenBy(item => item.Key, StringComparer.Ordinal).Select(item => new ServiceSpans(item.Key, item.Value))];

    private void Add(string service, long spans)
    {
        bool isNamed = service.Length <= LongestName && (_spans.Count < ServicesNamed || _spans.ContainsKey(service));
        CollectionsMarshal.GetValueRefOrAddDefault(_spans, isNamed ? service : string.Empty, out _) += spans;
    }
}
