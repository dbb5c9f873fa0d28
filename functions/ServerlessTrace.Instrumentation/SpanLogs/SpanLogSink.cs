namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>Where span logs go. It is called by one thread at a time.</summary>
public abstract class SpanLogSink : IAsyncDisposable
{
    /// <summary>The longest record in bytes that it takes; longer ones are dropped and counted.</summary>
    public virtual int MaxRecordBytes => 1 << 20;

    /// <summary>Writes whole lines, durably where that means something. What it throws is tried again; it must stand that.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
