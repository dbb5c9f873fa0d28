namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>Writes to a stream, such as standard output.</summary>
/// <param name="stream">The stream.</param>
/// <param name="leaveOpen">Whether it stays open at the end.</param>
public sealed class StreamSink(Stream stream, bool leaveOpen = true) : SpanLogSink
{
    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(lines, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!leaveOpen)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }
}
