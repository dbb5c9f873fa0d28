using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Ingests span logs over HTTP, in any format that a file may have.</summary>
public sealed partial class SpanLogsFunction(PostReader reader, GroupCommitter committer, ILogger<SpanLogsFunction> log)
{
    private const int LongestName = 256;

    /// <summary>
    /// 202 once the spans and their receipt are durable, with the receipt's URL. A body that cannot be read is copied, and its receipt says why. <c>source</c> names the body:
    /// its base name is the service of records that name none.
    /// </summary>
    [Function("PostSpanLogs")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/span-logs")] HttpRequest request,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string name = request.Query["source"].ToString();
        if (name.Length > LongestName)
        {
            return RefusedPost.AsProblem(request, new RefusedPostException(StatusCodes.Status400BadRequest, $"'source' has at most {LongestName} characters."));
        }

        try
        {
            Post post = await reader.ReadAsync(
                request, PostKind.SpanLogs, name, (post, content) => ReadAsync(post, content, cancellationToken), cancellationToken).ConfigureAwait(false);
            return Accepted(request, await committer.StoreAsync(post, durable).ConfigureAwait(false));
        }
        catch (RefusedPostException refused)
        {
            return RefusedPost.AsProblem(request, refused);
        }
    }

    private async Task ReadAsync(Post post, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.IsEmpty)
        {
            throw new RefusedPostException(StatusCodes.Status400BadRequest, "The body is empty.");
        }

        try
        {
            await reader.ReadSourceAsync(post, content, cancellationToken).ConfigureAwait(false);
        }
        catch (UnreadableSourceException unreadable)
        {
            post.Failure = unreadable.Message;
        }
#pragma warning disable CA1031 // A body that a reader trips over is kept, to be looked at.
        catch (Exception defect) when (defect is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogDefect(defect);
            post.Failure = "The body could not be read, through no fault of its sender: it is kept in the container 'rejected'.";
        }
    }

    private static IResult Accepted(HttpRequest request, ReceiptId receipt)
    {
        // Relative, because behind a gateway nobody here knows the name that the client called.
        string url = $"{request.PathBase}/api/receipts/{receipt.RowKey}";
        request.HttpContext.Response.Headers.Location = url;
        return Results.Json(new PostAccepted(receipt.RowKey, url), PostJson.Default.PostAccepted, statusCode: StatusCodes.Status202Accepted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A posted body could not be read")]
    private partial void LogDefect(Exception exception);
}
