using System.ComponentModel.DataAnnotations;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>Bounds on what is taken in.</summary>
public sealed class IngestOptions
{
    /// <summary>Spans that are packed together. Changing it while sources are being read stores some of their spans twice, which sealing merges. Default 10,000.</summary>
    [Range(1, 200_000)]
    public int SpansPerBatch { get; set; } = 10_000;

    /// <summary>The longest record in bytes; a longer one is rejected. Default 4 MiB.</summary>
    [Range(1_024, 64 << 20)]
    public int RecordBytes { get; set; } = 4 << 20;

    /// <summary>The longest attribute value in bytes; the rest is cut. Default 16 KiB.</summary>
    [Range(64, 1 << 20)]
    public int AttributeBytes { get; set; } = 16 << 10;

    /// <summary>Attributes a span at most; the rest is dropped. Default 256.</summary>
    [Range(1, 10_000)]
    public int AttributesPerSpan { get; set; } = 256;

    /// <summary>
    /// What the only time of a record with a duration and no <c>event</c> is: Start, End, or Auto: the end, unless the trace shows that it is the start. Default Auto.
    /// </summary>
    [EnumDataType(typeof(TimestampMeaning))]
    public TimestampMeaning Timestamp { get; set; }

    /// <summary>Rejections that a receipt lists; the others are counted. Default 100.</summary>
    [Range(0, 1_000)]
    public int RejectionsKept { get; set; } = 100;

    /// <summary>Bytes of a blob that one invocation reads; a longer one is read in ranges. Compressed blobs are always read as a whole. Default 256 MiB.</summary>
    [Range(64L << 10, 64L << 30)]
    public long RangeBytes { get; set; } = 256L << 20;

    /// <summary>How long an append blob must not have grown before an incomplete record at its end is taken as it is. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan AppendQuietPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its last growth an append blob is looked at every 10 s; later growth is found by the hourly sweep. Default 2 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan AppendActivePeriod { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How often at most an append blob is read that grows all the time and can only be read from its start, as compressed ones. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan WholeAgainPeriod { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After how long a part of a blob may be read by another invocation, if the first has not finished it. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ClaimPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the container is compared with what was taken in. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How old a blob must be before it counts as missed, and how long an instance must run before it looks. Default 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SweepGrace { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Blobs a page that the sweep lists: one request. Default 5,000.</summary>
    [Range(1, 5_000)]
    public int SweepPageBlobs { get; set; } = 5_000;

    /// <summary>Pages that one run of the sweep lists at most; the next run, 10 s later, goes on. Default 20.</summary>
    [Range(1, 1_000)]
    public int SweepPages { get; set; } = 20;

    /// <summary>The bounds as readers take them.</summary>
    public ReadLimits ToReadLimits() => new()
    {
        SpansPerBatch = SpansPerBatch,
        RecordBytes = RecordBytes,
        AttributeBytes = AttributeBytes,
        AttributesPerSpan = AttributesPerSpan,
        RejectionsKept = RejectionsKept,
        Timestamp = Timestamp,
    };
}
