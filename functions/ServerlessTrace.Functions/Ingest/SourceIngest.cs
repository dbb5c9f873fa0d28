using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Services;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>
/// Takes a source in: its span parts into chunks, then the window's orchestration, then the receipt. A crash anywhere before
/// the receipt repeats the whole, which writes the same rows again.
/// </summary>
public sealed partial class SourceIngest(
    ChunkStore chunks,
    ReceiptStore receipts,
    ServiceDirectory services,
    WindowStarter windows,
    RejectedSources rejected,
    Redactor redactor,
    ErasedTraces erased,
    TimeProvider clock,
    ILogger<SourceIngest> log)
{
    private readonly SpanBatchPool _batches = new(kept: Math.Max(2, Environment.ProcessorCount));

    /// <summary>Whether a source was taken in before.</summary>
    public Task<bool> IsKnownAsync(ReceiptId source, CancellationToken cancellationToken) => receipts.ExistsAsync(source, cancellationToken);

    /// <summary>Takes a source in and returns its receipt, once both are durable.</summary>
    /// <param name="source">The source's identity.</param>
    /// <param name="name">What the receipt calls it.</param>
    /// <param name="reader">Reads it.</param>
    /// <param name="openAgain">Opens it from its start, to be put aside if it cannot be read.</param>
    /// <param name="durable">Starts the window's orchestration.</param>
    /// <param name="cancellationToken">Cancels; a redelivery repeats.</param>
    public async Task<Receipt> TakeAsync(
        ReceiptId source,
        string name,
        SpanSourceReader reader,
        Func<CancellationToken, Task<Stream>> openAgain,
        DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        Receipt receipt = await StoreAsync(source, name, reader, openAgain, durable, cancellationToken).ConfigureAwait(false);
        await WriteAsync(receipt, cancellationToken).ConfigureAwait(false);
        return receipt;
    }

    /// <summary>Takes a part of a source in and returns its receipt, which is kept only if it says anything.</summary>
    /// <param name="source">The part's identity.</param>
    /// <param name="name">What the receipt calls the source.</param>
    /// <param name="reader">Reads the part.</param>
    /// <param name="openAgain">Opens the source from its start, to be put aside if it cannot be read.</param>
    /// <param name="durable">Starts the window's orchestration.</param>
    /// <param name="cancellationToken">Cancels; a redelivery repeats.</param>
    public async Task<Receipt> TakePartAsync(
        ReceiptId source,
        string name,
        SpanSourceReader reader,
        Func<CancellationToken, Task<Stream>> openAgain,
        DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        Receipt receipt = await StoreAsync(source, name, reader, openAgain, durable, cancellationToken).ConfigureAwait(false);
        long from = reader.Part.From.Offset;
        long to = reader.Position.Offset > from ? reader.Position.Offset : from + receipt.Bytes;
        receipt = receipt with { Range = new ByteRange(from, to), Bytes = to - from };
        bool saysNothing = receipt.Records == 0 && receipt.State == ReceiptState.Complete && (reader.IsWaiting || from > 0);
        if (!saysNothing && !MayBeCompletedYet(reader))
        {
            await WriteAsync(receipt, cancellationToken).ConfigureAwait(false);
        }

        return receipt;
    }

    /// <summary>Compressed content that is cut off may be so because its rest is not written yet.</summary>
    private static bool MayBeCompletedYet(SpanSourceReader reader) =>
        reader.IsWaiting && reader.Statistics.Failure is not null && reader.Statistics.Compression != SourceCompression.None;

    private async Task WriteAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        ServiceTelemetry.Ingested(Activity.Current, receipt);
        await receipts.WriteAsync(receipt, cancellationToken).ConfigureAwait(false);
        LogTaken(receipt.Source, receipt.State, receipt.Records, receipt.Rejected, receipt.Traces, receipt.DurationMs);
    }

    /// <summary>Stores what a reader reads and, if it cannot be read, a copy of it; the receipt is left to the caller.</summary>
    private async Task<Receipt> StoreAsync(
        ReceiptId source,
        string name,
        SpanSourceReader reader,
        Func<CancellationToken, Task<Stream>> openAgain,
        DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(openAgain);
        long started = clock.GetTimestamp();
        DateTimeOffset readAt = clock.GetUtcNow();
        StoredSpans stored = await StoreAsync(source.Source, reader, cancellationToken).ConfigureAwait(false);
        if (stored.Spans > 0)
        {
            await windows.StartAsync(durable, cancellationToken).ConfigureAwait(false);
        }

        string? failure = MayBeCompletedYet(reader) ? null : stored.Failure;
        if (failure is not null)
        {
            await rejected.PutAsync(source.RowKey, source, name, failure, openAgain, cancellationToken).ConfigureAwait(false);
        }

        SourceStatistics read = reader.Statistics;
        return new Receipt(source, name, State(read, failure))
        {
            ReadAt = readAt,
            DurationMs = Math.Round(clock.GetElapsedTime(started).TotalMilliseconds, 1),
            Bytes = read.Bytes,
            DecompressedBytes = read.DecompressedBytes,
            Format = Name(read.Format),
            Compression = Name(read.Compression),
            Records = read.Records + read.Rejected,
            Spans = stored.Spans,
            Erased = stored.Erased,
            Services = stored.Services.ToList(),
            Traces = stored.Traces.Count,
            Rejected = read.Rejected,
            Redacted = stored.Redacted,
            Rejections = [.. read.Rejections.Select(redactor.Redact)],
            Reason = failure ?? string.Empty,
            Notes = Notes(read, stored),
        };
    }

    /// <summary>Stores batch by batch; while one is written the next is read.</summary>
    private async Task<StoredSpans> StoreAsync(SourceId source, SpanSourceReader reader, CancellationToken cancellationToken)
    {
        await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var stored = new StoredSpans();
        BatchRedaction redaction = redactor.Begin();
        Task<IReadOnlyCollection<TraceId>>? writing = null;
        SpanBatch filling = _batches.Rent();
        SpanBatch? spare = null;
        for (int number = 0; stored.Failure is null; number++)
        {
            bool any = false;
            try
            {
                any = await reader.ReadBatchAsync(filling, cancellationToken).ConfigureAwait(false);
            }
            catch (UnreadableSourceException exception)
            {
                stored.Failure = exception.Message;
            }

            if (writing is not null)
            {
                stored.Traces.Add(await writing.ConfigureAwait(false));
            }

            if (!any && filling.Count == 0)
            {
                break;
            }

            stored.Count(filling, erased, redaction.Redact(filling));
            writing = WriteAsync(source, number, filling, cancellationToken);
            (filling, spare) = (spare ?? _batches.Rent(), filling);
            filling.Clear();
            if (stored.Failure is not null)
            {
                stored.Traces.Add(await writing.ConfigureAwait(false));
            }
        }

        // Where something was thrown, the one that was being written may be in use still: both are left alone.
        _batches.Return(filling);
        if (spare is not null)
        {
            _batches.Return(spare);
        }

        return stored;
    }

    private async Task<IReadOnlyCollection<TraceId>> WriteAsync(SourceId source, int number, SpanBatch batch, CancellationToken cancellationToken)
    {
        // Services first: a sealer that sees the spans must know who sends spans.
        await services.AddAsync(batch, cancellationToken).ConfigureAwait(false);
        return await chunks.WriteAsync(source, number, batch, cancellationToken).ConfigureAwait(false);
    }

    private static ReceiptState State(SourceStatistics read, string? failure)
    {
        if (failure is not null && read.Records == 0)
        {
            return ReceiptState.Failed;
        }

        return failure is not null || read.Rejected > 0 ? ReceiptState.Partial : ReceiptState.Complete;
    }

    private static List<string> Notes(SourceStatistics read, StoredSpans stored)
    {
        var notes = new List<string>();
        if (stored.Erased > 0)
        {
            notes.Add(ReceiptNotes.Erased(stored.Erased));
        }

        if (!stored.Traces.IsExact)
        {
            notes.Add("The number of traces is an estimate.");
        }

        if (read.ServiceFromSource > 0)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{read.ServiceFromSource} record(s) name no service; the source's name is used. Add a field 'service' to each record."));
        }

        if (read.Truncated > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{read.Truncated} record(s) were cut to the configured limits."));
        }

        if (read.Rejected > read.Rejections.Count)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"Only the first {read.Rejections.Count} of {read.Rejected} rejected records are listed."));
        }

        return notes;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {State}, {Records} records, {Rejected} rejected, {Traces} traces, {DurationMs} ms")]
    private partial void LogTaken(string source, ReceiptState state, long records, long rejected, long traces, double durationMs);
}
