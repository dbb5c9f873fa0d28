namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>Bounds of a <see cref="SpanLogPipeline"/>.</summary>
public sealed record SpanLogPipelineOptions
{
    /// <summary>Bytes written to the sink at once, and the grain of the buffer. Default 64 KiB.</summary>
    public int BatchBytes { get; init; } = 64 << 10;

    /// <summary>Bytes held while the sink is busy. Default 8 MiB.</summary>
    public int BufferedBytes { get; init; } = 8 << 20;

    /// <summary>How long a record waits for others at most. Default 1 s.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What becomes of records when the buffer is full. Default <see cref="SpanLogs.WhenFull.Drop"/>.</summary>
    public WhenFull WhenFull { get; init; } = WhenFull.Drop;

    /// <summary>How long the application waits for room. Default 1 s.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Tries to write a batch before it is dropped and counted. Default 5.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>The pause after the first failed try; it doubles each time. Default 200 ms.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long disposing waits for what is buffered. Default 10 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
