using System.Runtime.InteropServices;
using ServerlessTrace.Storage.Receipts;

namespace ServerlessTrace.Storage.Usage;

/// <summary>What came in during one hour.</summary>
/// <param name="Hour">Hours since 1970 UTC, of when the sources were written.</param>
public sealed record UsageHour(int Hour)
{
    /// <summary>Sources read: blobs or their parts, messages, posts or groups of them.</summary>
    public long Sources { get; init; }

    /// <summary>Sources of which nothing could be read.</summary>
    public long Failed { get; init; }

    /// <summary>Bytes as stored.</summary>
    public long Bytes { get; init; }

    /// <summary>Records read, rejected ones included.</summary>
    public long Records { get; init; }

    /// <summary>Span parts stored.</summary>
    public long Spans { get; init; }

    /// <summary>Records rejected.</summary>
    public long Rejected { get; init; }

    /// <summary>Values redacted.</summary>
    public long Redacted { get; init; }

    /// <summary>Span parts left out, since their traces were erased.</summary>
    public long Erased { get; init; }

    /// <summary>The same by service, the most spans first.</summary>
    public IReadOnlyList<ServiceUsage> Services { get; init; } = [];

    /// <summary>Sums hours up.</summary>
    public static UsageHour Sum(int hour, IReadOnlyCollection<UsageHour> hours)
    {
        ArgumentNullException.ThrowIfNull(hours);
        return new UsageHour(hour)
        {
            Sources = hours.Sum(part => part.Sources),
            Failed = hours.Sum(part => part.Failed),
            Bytes = hours.Sum(part => part.Bytes),
            Records = hours.Sum(part => part.Records),
            Spans = hours.Sum(part => part.Spans),
            Rejected = hours.Sum(part => part.Rejected),
            Redacted = hours.Sum(part => part.Redacted),
            Erased = hours.Sum(part => part.Erased),
            Services = ByService(hours.SelectMany(part => part.Services)),
        };
    }

    /// <summary>What one receipt says.</summary>
    internal static UsageHour Of(int hour, Receipt receipt) => new(hour)
    {
        Sources = 1,
        Failed = receipt.State == ReceiptState.Failed ? 1 : 0,
        Bytes = receipt.Bytes,
        Records = receipt.Records,
        Spans = receipt.Spans,
        Rejected = receipt.Rejected,
        Redacted = receipt.Redacted,
        Erased = receipt.Erased,
        Services = ByService(ServicesOf(receipt)),
    };

    private static IEnumerable<ServiceUsage> ServicesOf(Receipt receipt)
    {
        long total = receipt.Services.Sum(service => service.Spans);
        foreach (ServiceSpans service in receipt.Services)
        {
            long bytes = (long)(receipt.Bytes * (double)service.Spans / Math.Max(1, total));
            yield return new ServiceUsage(service.Service, service.Spans, bytes, receipt.Services.Count == 1 ? receipt.Rejected : 0);
        }

        if (receipt.Services.Count != 1 && receipt.Rejected > 0)
        {
            yield return new ServiceUsage(string.Empty, 0, receipt.Services.Count == 0 ? receipt.Bytes : 0, receipt.Rejected);
        }
    }

    private static List<ServiceUsage> ByService(IEnumerable<ServiceUsage> parts)
    {
        var services = new Dictionary<string, ServiceUsage>(StringComparer.Ordinal);
        foreach (ServiceUsage part in parts)
        {
            ref ServiceUsage? sum = ref CollectionsMarshal.GetValueRefOrAddDefault(services, part.Service, out _);
            sum = sum?.Plus(part) ?? part;
        }

        return [.. services.Values.OrderByDescending(service => service.Spans).ThenBy(service => service.Service, StringComparer.Ordinal)];
    }
}
