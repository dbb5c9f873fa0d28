using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Services;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Collects the spans of a source that is read from several readers, and stores them batch by batch.</summary>
internal sealed class ChunkWriter(SourceId source, ChunkStore chunks, ServiceDirectory services, Redactor redactor, ReadLimits limits)
{
    private readonly BatchRedaction _redaction = redactor.Begin();
    private int _batches;
    private long _stored;

    /// <summary>Where readers append.</summary>
    public SpanBatch Batch { get; } = new();

    /// <summary>Spans so far.</summary>
    public long Spans => _stored + Batch.Count;

    /// <summary>Whether there were spans, and all were of the service's own telemetry, as far as they are stored.</summary>
    public bool IsOwnTelemetry { get; private set; }

    /// <summary>Redacts what was appended since the last call and returns how many values that were.</summary>
    public long Redact() => _redaction.Redact(Batch);

    /// <summary>Stores the batch if it is as big as one may be: the same reads make the same batches, and so the same rows.</summary>
    public Task FlushIfFullAsync(CancellationToken cancellationToken) =>
        limits.IsFull(Batch) ? FlushAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Stores what is left.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (Batch.Count == 0)
        {
            return;
        }

        IsOwnTelemetry = (IsOwnTelemetry || _stored == 0) && ServiceTelemetry.IsOwn(Batch, Batch.Spans);

        // Whoever appended last may have failed before it came to that.
        Redact();

        // Services first: a sealer that sees the spans must know who sends spans.
        await services.AddAsync(Batch, cancellationToken).ConfigureAwait(false);
        await chunks.WriteAsync(source, _batches++, Batch, cancellationToken).ConfigureAwait(false);
        _stored += Batch.Count;
        Batch.Clear();
    }
}
