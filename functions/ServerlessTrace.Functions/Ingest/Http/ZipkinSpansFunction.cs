using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Net.Http.Headers;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Ingests spans as Zipkin's API does (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>, <c>POST /spans</c>).</summary>
public sealed class ZipkinSpansFunction(PostReader reader, GroupCommitter committer)
{
    /// <summary>202 without a body once every span that can be read is durable; a list of which none can be is refused.</summary>
    [Function("PostZipkinSpans")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "zipkin/api/v2/spans")] HttpRequest request,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            // Zipkin's own encodings other than JSON say what they are; curl and scripts say anything.
            if (MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
                && type.SubType.Value is "x-protobuf" or "protobuf" or "x-thrift")
            {
                throw new RefusedPostException(StatusCodes.Status415UnsupportedMediaType, "Only Zipkin's JSON, version 2, is read: send application/json.");
            }

            Post post = await reader.ReadAsync(
                request, PostKind.Zipkin, string.Empty, (post, content) => ReadAsync(post, content, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (post.Read.Records == 0)
            {
                post.Dispose();
            }
            else
            {
                await committer.StoreAsync(post, durable).ConfigureAwait(false);
            }

            return Results.StatusCode(StatusCodes.Status202Accepted);
        }
        catch (RefusedPostException refused)
        {
            return RefusedPost.AsProblem(request, refused);
        }
    }

    private async Task ReadAsync(Post post, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        CheckSyntax(content.Span);
        await reader.ReadSourceAsync(post, content, cancellationToken).ConfigureAwait(false);
        SourceStatistics read = post.Read;
        if (read.Format is not SourceFormat.Zipkin and not SourceFormat.Unknown)
        {
            throw new RefusedPostException(StatusCodes.Status400BadRequest, "The body's objects are no spans of Zipkin's JSON, version 2.");
        }

        if (read is { Records: 0, Rejected: > 0 })
        {
            string reason = read.Rejections.Count > 0 ? read.Rejections[0].Reason : "see Zipkin's API, version 2";
            throw new RefusedPostException(StatusCodes.Status400BadRequest, $"None of {read.Rejected} span(s) can be read, the first because of: {reason}");
        }
    }

    /// <summary>A list that is broken or cut off is refused as a whole, so that its sender learns of it.</summary>
    private static void CheckSyntax(ReadOnlySpan<byte> content)
    {
        try
        {
            var json = new Utf8JsonReader(content);
            if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
            {
                throw new RefusedPostException(StatusCodes.Status400BadRequest, "The body is no JSON array of spans.");
            }

            while (json.Read())
            {
            }
        }
        catch (JsonException malformed)
        {
            throw new RefusedPostException(StatusCodes.Status400BadRequest, $"The body is not valid JSON: {malformed.Message}", cause: malformed);
        }
    }
}
