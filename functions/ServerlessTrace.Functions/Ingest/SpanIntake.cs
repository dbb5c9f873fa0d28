using System.Diagnostics;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Ingest.Http;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Services;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>
/// Stores what comes in, whatever way it comes: redacted, and without what was erased. Invariant: services → chunks → window → receipts → acknowledgement, each
/// durable before the next; of a group of posts, the window starts beside the receipts. Services come first, because a sealer that reads the spans must know which
/// services send spans. After a crash anywhere before the acknowledgement, the source is delivered again, or the sender repeats: a source's rows are the same, and
/// spans that are stored twice are merged by sealing.
/// </summary>
public sealed partial class SpanIntake(
    ChunkStore chunks,
    ReceiptStore receipts,
    ServiceDirectory services,
    WindowStarter windows,
    RejectedSources rejected,
    Redactor redactor,
    ErasedTraces erased,
    IngestOptions options,
    TimeProvider clock,
    ILogger<SpanIntake> log)
{
    private readonly SpanBatchPool _batches = new(kept: Math.Max(2, Environment.ProcessorCount));

    /// <summary>Whether a source was ingested before.</summary>
    public Task<bool> IsKnownAsync(ReceiptId source, CancellationToken cancellationToken) => receipts.ExistsAsync(source, cancellationToken);

    /// <summary>Ingests a source and returns its receipt, once both are durable.</summary>
    /// <param name="source">The source.</param>
    /// <param name="reader">Reads it.</param>
    /// <param name="durable">Starts the window's orchestration.</param>
    /// <param name="cancellationToken">Cancels; a redelivery repeats.</param>
    public async Task<Receipt> IngestAsync(IngestSource source, SpanSourceReader reader, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        Receipt receipt = await StoreAsync(source, reader, durable, cancellationToken).ConfigureAwait(false);
        await WriteAsync([receipt], Activity.Current, cancellationToken).ConfigureAwait(false);
        return receipt;
    }

    /// <summary>Ingests a part of a source and returns its receipt, which is stored only if it says anything.</summary>
    /// <param name="source">The part; it is opened from the source's start.</param>
    /// <param name="reader">Reads the part.</param>
    /// <param name="durable">Starts the window's orchestration.</param>
    /// <param name="cancellationToken">Cancels; a redelivery repeats.</param>
    public async Task<Receipt> IngestPartAsync(IngestSource source, SpanSourceReader reader, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        Receipt receipt = await StoreAsync(source, reader, durable, cancellationToken).ConfigureAwait(false);
        long from = reader.Part.From.Offset;
        long to = reader.Position.Offset > from ? reader.Position.Offset : from + receipt.Bytes;
        receipt = receipt with { Range = new ByteRange(from, to), Bytes = to - from };
        bool saysNothing = receipt.Records == 0 && receipt.State == ReceiptState.Complete && (reader.IsWaiting || from > 0);
        if (!saysNothing && !MayBeCompletedYet(reader))
        {
            await WriteAsync([receipt], Activity.Current, cancellationToken).ConfigureAwait(false);
        }

        return receipt;
    }

    /// <summary>Ingests a group of posts, all as one source, so that many small ones cost few rows.</summary>
    /// <param name="group">The posts.</param>
    /// <param name="durable">Starts the window's orchestration.</param>
    /// <param name="cancellationToken">Cancels; senders repeat.</param>
    internal async Task IngestAsync(PostGroup group, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        using Activity? span = ServiceTelemetry.StartIngest($"posts {group.Id}", group.Producers);
        await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PostReceipt> told = group.Receipts(() => new ReceiptBuilder(options.RejectionsKept, redactor), erased);
        SpanBatch spans = group.Merge();
        if (spans.Count > 0)
        {
            await WriteAsync(group.Source, 0, spans, cancellationToken).ConfigureAwait(false);
        }

        foreach (Post post in group.Posts.Where(post => post.Failure is not null))
        {
            ReceiptId receipt = group.ReceiptOf(post);
            await rejected.PutAsync(
                receipt.RowKey, receipt, post.Name, post.Failure!, _ => Task.FromResult(BinaryData.FromBytes(post.Sent).ToStream()), cancellationToken).ConfigureAwait(false);
        }

        TimeSpan duration = clock.GetElapsedTime(started);
        Receipt[] built = [.. told.Select(receipt => receipt.Builder.Build(receipt.Id, receipt.Source, clock.GetUtcNow(), duration))];

        // At the same time, since the receipt of a post keeps no repetition out.
        await Task.WhenAll(
            spans.Count > 0 ? windows.StartAsync(durable, cancellationToken) : Task.CompletedTask,
            WriteAsync(built, span, cancellationToken)).ConfigureAwait(false);
        if (group.Posts.All(post => post.IsOwnTelemetry))
        {
            ServiceTelemetry.Forget(span);
        }
    }

    /// <summary>Compressed content that is cut off may be so because its rest is not written yet.</summary>
    private static bool MayBeCompletedYet(SpanSourceReader reader) =>
        reader.IsWaiting && reader.Statistics.Failure is not null && reader.Statistics.Compression != SourceCompression.None;

    private async Task WriteAsync(IReadOnlyCollection<Receipt> written, Activity? span, CancellationToken cancellationToken)
    {
        await receipts.WriteAsync(written, cancellationToken).ConfigureAwait(false);
        foreach (Receipt receipt in written)
        {
            ServiceTelemetry.Ingested(span, receipt);
            LogIngested(receipt.Source, receipt.State, receipt.Records, receipt.Rejected, receipt.Traces, receipt.DurationMs);
        }
    }

    /// <summary>Stores what a reader reads and, if it cannot be read, a copy of it; the receipt is left to the caller.</summary>
    private async Task<Receipt> StoreAsync(IngestSource source, SpanSourceReader reader, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(reader);
        long started = clock.GetTimestamp();
        DateTimeOffset readAt = clock.GetUtcNow();
        var receipt = new ReceiptBuilder(options.RejectionsKept, redactor);
        string? failure = await StoreAsync(source.Id.Source, reader, receipt, cancellationToken).ConfigureAwait(false);
        if (receipt.Spans > 0)
        {
            await windows.StartAsync(durable, cancellationToken).ConfigureAwait(false);
        }

        failure = MayBeCompletedYet(reader) ? null : failure;
        if (failure is not null)
        {
            await rejected.PutAsync(source.Id.RowKey, source.Id, source.Name, failure, source.OpenAsync, cancellationToken).ConfigureAwait(false);
        }

        receipt.AddRead(reader.Statistics, failure);
        return receipt.Build(source.Id, source.Name, readAt, clock.GetElapsedTime(started));
    }

    /// <summary>Stores batch by batch; while one is written the next is read. Returns why the source could not be read to its end; null where it was.</summary>
    private async Task<string?> StoreAsync(SourceId source, SpanSourceReader reader, ReceiptBuilder receipt, CancellationToken cancellationToken)
    {
        await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
        string? failure = null;
        BatchRedaction redaction = redactor.Begin();
        Task writing = Task.CompletedTask;
        SpanBatch filling = _batches.Rent();
        SpanBatch? spare = null;
        for (int number = 0; failure is null; number++)
        {
            bool any = false;
            try
            {
                any = await reader.ReadBatchAsync(filling, cancellationToken).ConfigureAwait(false);
            }
            catch (UnreadableSourceException exception)
            {
                failure = exception.Message;
            }

            await writing.ConfigureAwait(false);
            if (!any && filling.Count == 0)
            {
                break;
            }

            receipt.AddSpans(filling, erased, redaction.Redact(filling));
            writing = WriteAsync(source, number, filling, cancellationToken);
            (filling, spare) = (spare ?? _batches.Rent(), filling);
            filling.Clear();
        }

        await writing.ConfigureAwait(false);

        // Where something was thrown, the one that was being written may be in use still: both are left alone.
        _batches.Return(filling);
        if (spare is not null)
        {
            _batches.Return(spare);
        }

        return failure;
    }

    private async Task WriteAsync(SourceId source, int number, SpanBatch batch, CancellationToken cancellationToken)
    {
        await services.AddAsync(batch, cancellationToken).ConfigureAwait(false);
        await chunks.WriteAsync(source, number, batch, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {State}, {Records} records, {Rejected} rejected, {Traces} traces, {DurationMs} ms")]
    private partial void LogIngested(string source, ReceiptState state, long records, long rejected, long traces, double durationMs);
}
