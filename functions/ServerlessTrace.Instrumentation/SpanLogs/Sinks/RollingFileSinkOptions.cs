namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>When files are ended and deleted.</summary>
public sealed record RollingFileSinkOptions
{
    /// <summary>The folder; created when absent.</summary>
    public required string Folder { get; init; }

    /// <summary>What file names begin with: the service.</summary>
    public required string Name { get; init; }

    /// <summary>The length in bytes at which a file ends. Default 64 MiB.</summary>
    public long FileBytes { get; init; } = 64 << 20;

    /// <summary>The age at which a file ends. Default 1 h.</summary>
    public TimeSpan FileAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Files that are kept; older ones of the name are deleted. Default 24.</summary>
    public int KeptFiles { get; init; } = 24;
}
