using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Takes span logs in over HTTP, in any format that a file may have.</summary>
public sealed class SpanLogsFunction(GroupCommitter committer, IntakeLoad load, HttpIntakeOptions options)
{
    private const int LongestName = 256;

    /// <summary>
    /// 202 once the body is durable, with the URL of its receipt, which follows when it was read. <c>source</c> names the body: its
    /// base name is the service of records that name none.
    /// </summary>
    [Function("PostSpanLogs")]
    public async Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/span-logs")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string name = request.Query["source"].ToString();
        if (name.Length > LongestName)
        {
            return RefusedPost.AsProblem(request, new RefusedPostException(StatusCodes.Status400BadRequest, $"'source' has at most {LongestName} characters."));
        }

        try
        {
            using RequestBody body = await RequestBody.ReadUnseenAsync(request, load, options, cancellationToken).ConfigureAwait(false);
            if (body.Sent.IsEmpty)
            {
                throw new RefusedPostException(StatusCodes.Status400BadRequest, "The body is empty.");
            }

            (PostedName group, int number) = await committer.StoreAsync(new PostedBody(PostedKind.SpanLogs, body.Coding, name, body.Sent)).ConfigureAwait(false);
            return Accepted(request, group.ReceiptOf(number));
        }
        catch (RefusedPostException refused)
        {
            return RefusedPost.AsProblem(request, refused);
        }
    }

    private static IResult Accepted(HttpRequest request, ReceiptId receipt)
    {
        // Relative, because behind a gateway nobody here knows the name that the client called.
        string url = $"{request.PathBase}/api/receipts/{receipt.RowKey}";
        request.HttpContext.Response.Headers.Location = url;
        return Results.Json(new PostAccepted(receipt.RowKey, url), PostJson.Default.PostAccepted, statusCode: StatusCodes.Status202Accepted);
    }

}
