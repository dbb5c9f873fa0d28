using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>What came in, what was rejected and why.</summary>
public sealed class ReceiptsFunctions(ReceiptStore receipts)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    /// <summary>Receipts, newest first: <c>limit</c>, <c>cursor</c>.</summary>
    [Function("ListReceipts")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/receipts")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? cursor = request.Query["cursor"];
        if (cursor is not null && !ReceiptId.IsValid(cursor))
        {
            return Problem.BadRequest("'cursor' must be the 'nextCursor' of an earlier answer.");
        }

        int limit = DefaultLimit;
        if (request.Query["limit"].ToString() is { Length: > 0 } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            return Problem.BadRequest($"'limit' must be a number from 1 to {MaxLimit}.");
        }

        var page = new List<ReceiptResponse>();
        await foreach (Receipt receipt in receipts.ReadAsync(cursor, cancellationToken).ConfigureAwait(false))
        {
            page.Add(ReceiptResponse.Of(receipt));
            if (page.Count == limit)
            {
                break;
            }
        }

        string? next = page.Count == limit ? page[^1].Id : null;
        return Results.Json(new ReceiptListResponse(page, next), HttpJson.Default.ReceiptListResponse);
    }

    /// <summary>One receipt with its rejections.</summary>
    [Function("GetReceipt")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/receipts/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        Receipt? receipt = await receipts.FindAsync(id, cancellationToken).ConfigureAwait(false);
        return receipt is null
            ? Problem.NotFound("No receipt has this id. It may not be written yet: a receipt follows its spans.")
            : Results.Json(ReceiptResponse.Of(receipt), HttpJson.Default.ReceiptResponse);
    }
}
