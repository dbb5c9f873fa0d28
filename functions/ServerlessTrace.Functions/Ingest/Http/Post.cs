using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>What a post is, by its route and content type.</summary>
internal enum PostKind
{
    /// <summary>Anything a file may be.</summary>
    SpanLogs,

    /// <summary>An OTLP <c>ExportTraceServiceRequest</c> in protobuf.</summary>
    OtlpProtobuf,

    /// <summary>An OTLP <c>ExportTraceServiceRequest</c> in JSON.</summary>
    OtlpJson,

    /// <summary>A Zipkin v2 list of spans in JSON.</summary>
    Zipkin,
}

/// <summary>What was read of a request, until it is stored.</summary>
internal sealed class Post(PostKind kind, string source, RequestBody body, SpanBatch batch, Action<Post> release) : IDisposable
{
    private readonly long _contentBytes = body.Content.Length;

    /// <summary>What it is.</summary>
    public PostKind Kind => kind;

    /// <summary>What its sender calls it; empty where it has no name.</summary>
    public string Source => source;

    /// <summary>Where it was posted to, and what its sender calls it.</summary>
    public string Name => $"POST {kind switch { PostKind.SpanLogs => "/api/span-logs", PostKind.Zipkin => "/zipkin/api/v2/spans", _ => "/v1/traces" }} {source}".TrimEnd();

    /// <summary>Its spans.</summary>
    public SpanBatch Batch => batch;

    /// <summary>What the reader found.</summary>
    public SourceStatistics Read { get; set; } = new();

    /// <summary>Values redacted.</summary>
    public long Redacted { get; set; }

    /// <summary>Whether all of its spans are the service's own telemetry.</summary>
    public bool IsOwnTelemetry { get; set; }

    /// <summary>Its length in bytes, as it was sent.</summary>
    public long Bytes { get; } = body.Sent.Length;

    /// <summary>Its length in bytes without compression.</summary>
    public long DecompressedBytes => IsDecompressed || Read.DecompressedBytes == 0 ? _contentBytes : Read.DecompressedBytes;

    /// <summary>How it was compressed.</summary>
    public SourceCompression Compression => body.Coding switch
    {
        BodyCoding.Gzip => SourceCompression.Gzip,
        BodyCoding.Deflate => SourceCompression.Zlib,
        _ => Read.Compression,
    };

    /// <summary>Bytes of memory that its spans take.</summary>
    public long Size { get; set; }

    /// <summary>Why it could not be read to its end, though it is not refused; null where it was.</summary>
    public string? Failure { get; set; }

    /// <summary>The body as it was sent; none once it is released.</summary>
    public ReadOnlyMemory<byte> Sent => body.Sent;

    private bool IsDecompressed => body.Coding != BodyCoding.Identity;

    /// <summary>Releases the body, unless a copy of it is to be stored.</summary>
    public void ReleaseBody()
    {
        if (Failure is null)
        {
            body.Dispose();
        }
    }

    public void Dispose()
    {
        body.Dispose();
        release(this);
    }
}
