using ServerlessTrace.Core.Formats.LogLines;

namespace ServerlessTrace.Core.Formats;

/// <summary>What a reader found in one source so far.</summary>
public sealed class SourceStatistics
{
    private readonly List<Rejection> _rejections = [];

    /// <summary>Bytes read from the source, as they are stored (compressed).</summary>
    public long Bytes { get; internal set; }

    /// <summary>Bytes of content, after decompression.</summary>
    public long DecompressedBytes { get; internal set; }

    /// <summary>Records that were accepted: each became a span part or an event.</summary>
    public long Records { get; internal set; }

    /// <summary>Accepted records that tell a span's start, end or both; the other <see cref="Records"/> carry events only.</summary>
    public long SpanRecords { get; internal set; }

    /// <summary>Records that became nothing.</summary>
    public long Rejected { get; internal set; }

    /// <summary>The first rejections, as many as <see cref="ReadLimits.RejectionsKept"/>.</summary>
    public IReadOnlyList<Rejection> Rejections => _rejections;

    /// <summary>Accepted records that named no service and got the source's name for one.</summary>
    public long ServiceFromSource { get; internal set; }

    /// <summary>Accepted records of which something was cut to a limit.</summary>
    public long Truncated { get; internal set; }

    /// <summary>What the content is.</summary>
    public SourceFormat Format { get; internal set; }

    /// <summary>How it is compressed.</summary>
    public SourceCompression Compression { get; internal set; }

    /// <summary>Why reading ended before the source's end, where it did: the records before it are kept.</summary>
    public string? Failure { get; internal set; }

    /// <summary>Counts a rejection, and keeps it if there is room.</summary>
    internal void Reject(long line, long offset, string reason, string excerpt, int kept)
    {
        Rejected++;
        if (_rejections.Count < kept)
        {
            _rejections.Add(new Rejection(line, offset, reason, excerpt));
        }
    }

    /// <summary>Takes over, and forgets there, what a reader found that was given this source's content in another shape.</summary>
    internal void Take(SourceStatistics inner, Func<long, LogPlace> placeOf, int kept)
    {
        Records += inner.Records;
        SpanRecords += inner.SpanRecords;
        ServiceFromSource += inner.ServiceFromSource;
        Truncated += inner.Truncated;
        foreach (Rejection rejection in inner._rejections)
        {
            LogPlace place = placeOf(rejection.Line);
            Reject(place.Line, place.Offset, rejection.Reason, rejection.Excerpt, kept);
        }

        Rejected += inner.Rejected - inner._rejections.Count;
        inner.Records = inner.SpanRecords = inner.ServiceFromSource = inner.Truncated = inner.Rejected = 0;
        inner._rejections.Clear();
    }

    /// <summary>Adds what a reader found in a part of this source.</summary>
    internal void Take(SourceStatistics inner, int kept)
    {
        Records += inner.Records;
        SpanRecords += inner.SpanRecords;
        ServiceFromSource += inner.ServiceFromSource;
        Truncated += inner.Truncated;
        inner._rejections.ForEach(rejection => Reject(rejection.Line, rejection.Offset, rejection.Reason, rejection.Excerpt, kept));
        Rejected += inner.Rejected - inner._rejections.Count;
    }

    /// <summary>Adds what was found in content that one record of this source carried.</summary>
    internal void Absorb(SourceStatistics inner, long line, long offset, int kept)
    {
        Records += inner.Records;
        SpanRecords += inner.SpanRecords;
        ServiceFromSource += inner.ServiceFromSource;
        Truncated += inner.Truncated;
        foreach (Rejection rejection in inner._rejections)
        {
            Reject(line, offset, $"in the message's body: {rejection.Reason}", rejection.Excerpt, kept);
        }

        Rejected += inner.Rejected - inner._rejections.Count;
    }
}
