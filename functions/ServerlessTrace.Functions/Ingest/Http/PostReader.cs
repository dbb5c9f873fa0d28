using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Telemetry;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Reads the body of a request, once, into redacted spans. The body is released as soon as it is read, unless it cannot be read.</summary>
public sealed class PostReader(IntakeLoad load, HttpIntakeOptions options, IngestOptions ingest, Redactor redactor)
{
    private const int KeptBatches = 16;
    private const long LargestKeptBatch = 16 << 20;

    private readonly SpanBatchPool _batches = new(KeptBatches, LargestKeptBatch);
    private readonly ConcurrentBag<BatchRedaction> _redactions = [];

    /// <summary>Bounds on records. Batches are not bounded, since bodies are.</summary>
    internal ReadLimits Limits { get; } = ingest.ToReadLimits() with
    {
        SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue, DecompressedBytes = options.DecompressedBytes,
    };

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="source">What its sender calls it; empty where it has no name.</param>
    /// <param name="read">Reads the body, which it is given without compression, into the post.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="RefusedPostException">The request is refused as a whole.</exception>
    internal async Task<Post> ReadAsync(
        HttpRequest request, PostKind kind, string source, Func<Post, ReadOnlyMemory<byte>, Task> read, CancellationToken cancellationToken)
    {
        RequestBody body = await RequestBody.ReadAsync(request, kind == PostKind.SpanLogs, load, options, cancellationToken).ConfigureAwait(false);
        var post = new Post(kind, source, body, _batches.Rent(), Release);
        try
        {
            await read(post, body.Content).ConfigureAwait(false);
            post.Redacted = Redact(post.Batch);
            post.IsOwnTelemetry = ServiceTelemetry.IsOwn(post.Batch, post.Batch.Spans);
            post.ReleaseBody();
            long size = post.Batch.ApproximateSize;
            load.Reserve(size);
            post.Size = size;
            return post;
        }
        catch (UnreadableSourceException unreadable)
        {
            post.Dispose();
            throw new RefusedPostException(StatusCodes.Status400BadRequest, unreadable.Message, cause: unreadable);
        }
        catch
        {
            post.Dispose();
            throw;
        }
    }

    /// <summary>Reads a body as files are read, whose format is detected.</summary>
    /// <exception cref="UnreadableSourceException">It cannot be read to its end.</exception>
    internal async Task ReadSourceAsync(Post post, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var reader = new SpanSourceReader(BinaryData.FromBytes(content).ToStream(), post.Source.Length > 0 ? post.Source : "unknown", Limits);
        await using (reader.ConfigureAwait(false))
        {
            post.Read = reader.Statistics;
            while (await reader.ReadBatchAsync(post.Batch, cancellationToken).ConfigureAwait(false))
            {
            }
        }
    }

    private long Redact(SpanBatch batch)
    {
        BatchRedaction redaction = _redactions.TryTake(out BatchRedaction? kept) ? kept : redactor.Begin();
        long redacted = redaction.Redact(batch);
        _redactions.Add(redaction);
        return redacted;
    }

    private void Release(Post post)
    {
        load.Release(post.Size);
        _batches.Return(post.Batch);
    }
}
