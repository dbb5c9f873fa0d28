using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Services;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// Takes a group of posted bodies in as one source, so that many small bodies cost one row a shard: chunks, the window's
/// orchestration, receipts, and at last the group's blob goes. A crash anywhere before that repeats the whole, which writes
/// the same rows again; without the blob there is nothing left to do.
/// </summary>
public sealed partial class PostedIngest(
    ChunkStore chunks,
    ReceiptStore receipts,
    ServiceDirectory services,
    WindowStarter windows,
    StorageClients storage,
    RejectedSources rejected,
    Redactor redactor,
    ErasedTraces erased,
    IngestOptions options,
    HttpIntakeOptions http,
    TimeProvider clock,
    ILogger<PostedIngest> log)
{
    private const string NoFaultOfTheSender = "The body could not be read, through no fault of its sender: it is kept in the container 'rejected'.";

    private readonly ReadLimits _limits = options.ToReadLimits() with { DecompressedBytes = http.DecompressedBytes };

    /// <summary>Takes a group in, once; a redelivery of one that is done does nothing.</summary>
    public async Task TakeAsync(PostedName name, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        BlobClient blob = storage.Posted.GetBlobClient(name.ToString());
        BlobDownloadResult download;
        try
        {
            download = (await blob.DownloadContentAsync(cancellationToken).ConfigureAwait(false)).Value;
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return;
        }

        using Activity? span = ServiceTelemetry.StartIngest($"posted {name}", ProducerContexts.Of(download.Details.Metadata));
        await erased.RefreshAsync(cancellationToken).ConfigureAwait(false);
        List<PostedBody> bodies = PostedGroup.Read(download.Content.ToMemory());
        var outcomes = new List<BodyOutcome>(bodies.Count);
        var writer = new ChunkWriter(name.Source, chunks, services, redactor, _limits);
        for (int number = 0; number < bodies.Count; number++)
        {
            outcomes.Add(await ReadAsync(bodies[number], number, writer, cancellationToken).ConfigureAwait(false));
        }

        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (writer.Spans > 0)
        {
            await windows.StartAsync(durable, cancellationToken).ConfigureAwait(false);
        }

        List<Receipt> written = PostedReceipts.Of(name, outcomes, clock.GetUtcNow(), clock.GetElapsedTime(started), options.RejectionsKept, redactor);
        await PutAsideAsync(name, outcomes, cancellationToken).ConfigureAwait(false);
        await receipts.WriteAsync(written, cancellationToken).ConfigureAwait(false);
        await blob.DeleteIfExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (Receipt receipt in written)
        {
            ServiceTelemetry.Ingested(span, receipt);
        }

        if (writer.IsOwnTelemetry)
        {
            ServiceTelemetry.Forget(span);
        }

        double durationMs = clock.GetElapsedTime(started).TotalMilliseconds;
        LogTaken(name, bodies.Count, writer.Spans, durationMs);
    }

    private async Task<BodyOutcome> ReadAsync(PostedBody body, int number, ChunkWriter writer, CancellationToken cancellationToken)
    {
        var stored = new StoredSpans();
        await writer.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
        if (body.Kind is PostedKind.OtlpProtobuf or PostedKind.OtlpJson)
        {
            using var content = new BoundedBytes(null, int.MaxValue, string.Empty);
            var read = new SourceStatistics();
            string? failure = await TryReadOtlpAsync(body, content, writer, read, stored, cancellationToken).ConfigureAwait(false);
            return new BodyOutcome(number, body, read, content.Written.Length, stored, failure);
        }

        SpanSourceReader reader = PostedReaders.Open(body, _limits);
        await using (reader.ConfigureAwait(false))
        {
            while (true)
            {
                int from = writer.Batch.Count;
                (bool any, string? failure) = await TryReadAsync(reader, writer.Batch, cancellationToken).ConfigureAwait(false);
                stored.Count(writer.Batch, from, erased, writer.Redact());
                if (!any)
                {
                    return new BodyOutcome(number, body, reader.Statistics, reader.Statistics.DecompressedBytes, stored, failure);
                }

                await writer.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string?> TryReadOtlpAsync(
        PostedBody body, BoundedBytes content, ChunkWriter writer, SourceStatistics read, StoredSpans stored, CancellationToken cancellationToken)
    {
        int from = writer.Batch.Count;
        try
        {
            await content.ReadAsync(PostedReaders.Decoded(body), body.Content.Length, cancellationToken).ConfigureAwait(false);
            OtlpRequest.ReadTraces(content.Written, body.Kind == PostedKind.OtlpJson, writer.Batch, _limits, read);
            stored.Count(writer.Batch, from, erased, writer.Redact());
            return null;
        }
        catch (UnreadableSourceException unreadable)
        {
            return unreadable.Message;
        }
#pragma warning disable CA1031 // As below.
        catch (Exception defect) when (defect is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogDefect(defect);
            return NoFaultOfTheSender;
        }
    }

    private async Task<(bool Any, string? Failure)> TryReadAsync(SpanSourceReader reader, SpanBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return (await reader.ReadBatchAsync(batch, cancellationToken).ConfigureAwait(false), null);
        }
        catch (UnreadableSourceException unreadable)
        {
            return (false, unreadable.Message);
        }
#pragma warning disable CA1031 // A body that a reader trips over must not take the others of its group into the poison queue.
        catch (Exception defect) when (defect is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogDefect(defect);
            return (false, NoFaultOfTheSender);
        }
    }

    /// <summary>Copies bodies that cannot be read to where users look for such.</summary>
    private async Task PutAsideAsync(PostedName name, List<BodyOutcome> outcomes, CancellationToken cancellationToken)
    {
        foreach (BodyOutcome outcome in outcomes.Where(outcome => outcome.Failure is not null))
        {
            ReceiptId receipt = PostedReceipts.IdOf(name, outcome.Body.Kind, outcome.Number);
            string aside = outcome.Body.Kind == PostedKind.SpanLogs ? receipt.RowKey : $"{receipt.RowKey}-{outcome.Number}";
            await rejected.PutAsync(
                aside,
                receipt,
                PostedReceipts.SourceOf(outcome.Body),
                outcome.Failure!,
                _ => Task.FromResult(BinaryData.FromBytes(outcome.Body.Content).ToStream()),
                cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A posted body could not be read")]
    private partial void LogDefect(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Posted group {Group}: {Bodies} bodies, {Spans} spans, {DurationMs} ms")]
    private partial void LogTaken(PostedName group, int bodies, long spans, double durationMs);
}
