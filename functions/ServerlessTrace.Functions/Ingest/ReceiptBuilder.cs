using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>Counts what is read and stored of a source, or of the posts that share a receipt, and makes the receipt. Not thread-safe.</summary>
internal sealed class ReceiptBuilder(int rejectionsKept, Redactor redactor)
{
    private readonly DistinctTraces _traces = new();
    private readonly ServiceTally _services = new();
    private readonly List<Rejection> _rejections = [];
    private SourceFormat _format;
    private SourceCompression _compression;
    private string? _failure;
    private long _bytes;
    private long _decompressedBytes;
    private long _records;
    private long _rejected;
    private long _unnamed;
    private long _truncated;
    private long _redacted;
    private long _erased;

    /// <summary>Span parts that are stored.</summary>
    public long Spans { get; private set; }

    /// <summary>Counts a batch that is stored.</summary>
    public void AddSpans(SpanBatch batch, ErasedTraces erased, long redacted)
    {
        TraceId last = default;
        bool isErased = false;
        long left = 0;
        foreach (ref readonly SpanRecord span in batch.Spans)
        {
            if (span.TraceId != last)
            {
                last = span.TraceId;
                isErased = erased.Contains(last);
                if (!isErased)
                {
                    _traces.Add(last);
                }
            }

            left += isErased ? 1 : 0;
        }

        Spans += batch.Count - left;
        _erased += left;
        _redacted += redacted;
        _services.Add(batch, 0);
    }

    /// <summary>Counts what a reader found.</summary>
    public void AddRead(SourceStatistics read, string? failure) => AddRead(read, failure, read.Bytes, read.DecompressedBytes, read.Compression);

    /// <summary>Counts what a reader found in content that was decompressed before.</summary>
    public void AddRead(SourceStatistics read, string? failure, long bytes, long decompressedBytes, SourceCompression compression)
    {
        _format = read.Format;
        _compression = compression;
        _failure ??= failure;
        _bytes += bytes;
        _decompressedBytes += decompressedBytes;
        _records += read.Records;
        _rejected += read.Rejected;
        _unnamed += read.ServiceFromSource;
        _truncated += read.Truncated;
        _rejections.AddRange(read.Rejections.Take(rejectionsKept - _rejections.Count).Select(redactor.Redact));
    }

    /// <summary>The receipt.</summary>
    public Receipt Build(ReceiptId id, string source, DateTimeOffset readAt, TimeSpan duration) => new(id, source, State())
    {
        ReadAt = readAt,
        DurationMs = Math.Round(duration.TotalMilliseconds, 1),
        Bytes = _bytes,
        DecompressedBytes = _decompressedBytes,
        Format = Name(_format),
        Compression = Name(_compression),
        Records = _records + _rejected,
        Spans = Spans,
        Erased = _erased,
        Services = _services.ToList(),
        Traces = _traces.Count,
        Rejected = _rejected,
        Redacted = _redacted,
        Rejections = _rejections,
        Reason = _failure ?? string.Empty,
        Notes = [.. Notes()],
    };

    private ReceiptState State() => (_failure, _records, _rejected) switch
    {
        (not null, 0, _) => ReceiptState.Failed,
        (null, _, 0) => ReceiptState.Complete,
        _ => ReceiptState.Partial,
    };

    private IEnumerable<string> Notes()
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (_erased > 0)
        {
            yield return string.Create(culture, $"{_erased} span part(s) are not stored: their traces were erased, and do not come back. See /api/erasures.");
        }

        if (!_traces.IsExact)
        {
            yield return "The number of traces is an estimate.";
        }

        if (_unnamed > 0)
        {
            yield return string.Create(culture, $"{_unnamed} record(s) name no service; the source's name is used. Add a field 'service' to each record.");
        }

        if (_truncated > 0)
        {
            yield return string.Create(culture, $"{_truncated} record(s) were cut to the configured limits.");
        }

        if (_rejected > _rejections.Count)
        {
            yield return string.Create(culture, $"Only the first {_rejections.Count} of {_rejected} rejected records are listed.");
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
