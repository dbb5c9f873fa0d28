using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Takes spans in as Zipkin's API does (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>, <c>POST /spans</c>).</summary>
public sealed class ZipkinSpansFunction(GroupCommitter committer, IntakeLoad load, HttpIntakeOptions options, IngestOptions ingest)
{
    /// <summary>202 without a body once every span that can be read is durable; a list of which none can be is refused.</summary>
    [Function("PostZipkinSpans")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "zipkin/api/v2/spans")] HttpRequest request, CancellationToken cancellationToken)
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

            using RequestBody body = await RequestBody.ReadAsync(request, load, options, cancellationToken).ConfigureAwait(false);
            CheckSyntax(body.Content.Span);
            if (await HoldsSpansAsync(body.Content, cancellationToken).ConfigureAwait(false))
            {
                await committer.StoreAsync(new PostedBody(PostedKind.Zipkin, body.Coding, string.Empty, body.Sent)).ConfigureAwait(false);
            }

            return Results.StatusCode(StatusCodes.Status202Accepted);
        }
        catch (RefusedPostException refused)
        {
            return RefusedPost.AsProblem(request, refused);
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

    private async Task<bool> HoldsSpansAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var reader = new SpanSourceReader(BinaryData.FromBytes(content).ToStream(), "unknown", ingest.ToReadLimits());
        await using (reader.ConfigureAwait(false))
        {
            var batch = new SpanBatch();
            try
            {
                while (await reader.ReadBatchAsync(batch, cancellationToken).ConfigureAwait(false))
                {
                    batch.Clear();
                }
            }
            catch (UnreadableSourceException unreadable)
            {
                throw new RefusedPostException(StatusCodes.Status400BadRequest, unreadable.Message, cause: unreadable);
            }

            SourceStatistics read = reader.Statistics;
            if (read.Format is not SourceFormat.Zipkin and not SourceFormat.Unknown)
            {
                throw new RefusedPostException(StatusCodes.Status400BadRequest, "The body's objects are no spans of Zipkin's JSON, version 2.");
            }

            if (read is { Records: 0, Rejected: > 0 })
            {
                string reason = read.Rejections.Count > 0 ? read.Rejections[0].Reason : "see Zipkin's API, version 2";
                throw new RefusedPostException(StatusCodes.Status400BadRequest, $"None of {read.Rejected} span(s) can be read, the first because of: {reason}");
            }

            return read.Records > 0;
        }
    }
}
