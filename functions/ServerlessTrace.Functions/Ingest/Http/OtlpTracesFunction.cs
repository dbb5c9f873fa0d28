using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Telemetry;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Takes traces in over OTLP/HTTP, from any OpenTelemetry SDK or Collector.</summary>
/// <remarks>OpenTelemetry Protocol Specification 1.x, "OTLP/HTTP".</remarks>
public sealed class OtlpTracesFunction(GroupCommitter committer, IntakeLoad load, HttpIntakeOptions options, IngestOptions ingest)
{
    /// <summary>A batch that grew bigger than this is not kept for the next request.</summary>
    private const long KeptBatch = 16 << 20;

    private static readonly ConcurrentBag<SpanBatch> Batches = [];

    /// <summary>
    /// 200 with an <c>ExportTraceServiceResponse</c> once everything that can be read is durable; 400, 413, 415, 429 and 503 with a
    /// <c>google.rpc.Status</c>. Answers have the request's content type.
    /// </summary>
    [Function("PostOtlpTraces")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/traces")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        OtlpEncoding? encoding = OtlpEncoding.Of(request);
        try
        {
            return await ExportAsync(request, encoding ?? throw Unknown(request), cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedPostException refused)
        {
            // "OTLP/HTTP Throttling": 429 and 503 may say when to retry.
            RefusedPost.SetRetryAfter(request, refused);
            return OtlpAnswers.Failure(encoding ?? OtlpEncoding.Json, refused.Status, refused.Message);
        }
    }

    private async Task<IResult> ExportAsync(HttpRequest request, OtlpEncoding encoding, CancellationToken cancellationToken)
    {
        // "OTLP/HTTP Request": the size is limited, also after decompression.
        using RequestBody body = await RequestBody.ReadAsync(request, load, options, cancellationToken).ConfigureAwait(false);
        OtlpRequestResult read = Read(body.Content, encoding);

        // "Full Success": a request without telemetry succeeds as well.
        if (read.Accepted > 0)
        {
            await committer.StoreAsync(new PostedBody(encoding.Kind, body.Coding, string.Empty, body.Sent)).ConfigureAwait(false);
        }

        return OtlpAnswers.Success(encoding, read.Rejected, read.ErrorMessage ?? string.Empty);
    }

    /// <summary>Reads the request as it will be read when it is taken in: what is wrong with it must be said now.</summary>
    private OtlpRequestResult Read(ReadOnlyMemory<byte> body, OtlpEncoding encoding)
    {
        SpanBatch batch = Batches.TryTake(out SpanBatch? kept) ? kept : new SpanBatch();
        try
        {
            OtlpRequestResult result = OtlpRequest.ReadTraces(body, encoding.IsJson, batch, ingest.ToReadLimits());
            if (ServiceTelemetry.IsOwn(batch, batch.Spans))
            {
                ServiceTelemetry.Forget(Activity.Current);
            }

            return result;
        }
        catch (UnreadableSourceException unreadable)
        {
            // "Bad Data"
            throw new RefusedPostException(StatusCodes.Status400BadRequest, unreadable.Message, cause: unreadable);
        }
        finally
        {
            if (batch.ApproximateSize <= KeptBatch)
            {
                batch.Clear();
                Batches.Add(batch);
            }
        }
    }

    private static RefusedPostException Unknown(HttpRequest request) => new(
        StatusCodes.Status415UnsupportedMediaType,
        $"The content type '{request.ContentType}' is not OTLP/HTTP: send application/x-protobuf or application/json.");
}
