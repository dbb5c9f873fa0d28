using Azure.Storage.Queues;

namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>Sends messages to the queue that the backend watches, as many whole lines in each as fit. For few spans: a blob is cheaper.</summary>
/// <param name="queue">The queue, <c>span-logs</c>.</param>
public sealed class QueueSink(QueueClient queue) : SpanLogSink
{
    /// <summary>A message holds 64 KiB, also when the client encodes it as base64.</summary>
    private const int MessageBytes = 48 << 10;

    /// <inheritdoc/>
    public override int MaxRecordBytes => MessageBytes;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        while (!lines.IsEmpty)
        {
            int length = Fitting(lines.Span);
            await queue.SendMessageAsync(BinaryData.FromBytes(lines[..length]), cancellationToken: cancellationToken).ConfigureAwait(false);
            lines = lines[length..];
        }
    }

    /// <summary>How many bytes of whole lines fit; a line alone that does not is the pipeline's to drop, so it is not expected.</summary>
    private static int Fitting(ReadOnlySpan<byte> lines)
    {
        if (lines.Length <= MessageBytes)
        {
            return lines.Length;
        }

        int end = lines[..MessageBytes].LastIndexOf((byte)'\n');
        return end >= 0 ? end + 1 : lines.IndexOf((byte)'\n') + 1;
    }
}
