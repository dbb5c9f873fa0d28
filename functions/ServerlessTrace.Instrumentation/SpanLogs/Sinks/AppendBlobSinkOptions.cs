namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>How append blobs are named and when they are ended.</summary>
public sealed record AppendBlobSinkOptions
{
    /// <summary>What blob names begin with: the service.</summary>
    public required string Name { get; init; }

    /// <summary>The length in bytes at which a blob ends. Default 64 MiB.</summary>
    public long BlobBytes { get; init; } = 64 << 20;

    /// <summary>The age at which a blob ends. Default 1 h.</summary>
    public TimeSpan BlobAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Appends at which a blob ends; the service allows 50,000. Default 20,000.</summary>
    public int BlobAppends { get; init; } = 20_000;
}
