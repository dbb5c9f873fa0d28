using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Functions.Telemetry;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Ingests traces over OTLP/HTTP, from any OpenTelemetry SDK or Collector.</summary>
/// <remarks>OpenTelemetry Protocol Specification 1.x, "OTLP/HTTP".</remarks>
public sealed class OtlpTracesFunction(PostReader reader, GroupCommitter committer)
{
    /// <summary>
    /// 200 with an <c>ExportTraceServiceResponse</c> once everything that can be read is durable; 400, 413, 415, 429 and 503 with a
    /// <c>google.rpc.Status</c>. Answers have the request's content type.
    /// </summary>
    [Function("PostOtlpTraces")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/traces")] HttpRequest request,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        OtlpEncoding? encoding = OtlpEncoding.Of(request);
        try
        {
            return await ExportAsync(request, encoding ?? throw Unknown(request), durable, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedPostException refused)
        {
            // "OTLP/HTTP Throttling": 429 and 503 may say when to retry.
            RefusedPost.SetRetryAfter(request, refused);
            return OtlpAnswers.Failure(encoding ?? OtlpEncoding.Json, refused.Status, refused.Message);
        }
    }

    private async Task<IResult> ExportAsync(HttpRequest request, OtlpEncoding encoding, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        // "OTLP/HTTP Request": the size is limited, also after decompression. "Bad Data": what is no such request is refused.
        OtlpRequestResult read = default;
        Post post = await reader.ReadAsync(
            request,
            encoding.Kind,
            string.Empty,
            (post, content) =>
            {
                read = OtlpRequest.ReadTraces(content, encoding.IsJson, post.Batch, reader.Limits, post.Read);
                return Task.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        if (post.IsOwnTelemetry)
        {
            ServiceTelemetry.Forget(Activity.Current);
        }

        // "Full Success": a request without telemetry succeeds as well.
        if (read.Accepted > 0)
        {
            await committer.StoreAsync(post, durable).ConfigureAwait(false);
        }
        else
        {
            post.Dispose();
        }

        return OtlpAnswers.Success(encoding, read.Rejected, read.ErrorMessage ?? string.Empty);
    }

    private static RefusedPostException Unknown(HttpRequest request) => new(
        StatusCodes.Status415UnsupportedMediaType,
        $"The content type '{request.ContentType}' is not OTLP/HTTP: send application/x-protobuf or application/json.");
}
