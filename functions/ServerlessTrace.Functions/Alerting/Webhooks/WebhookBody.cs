using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Functions.Api;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>Reads small JSON bodies.</summary>
internal static class WebhookBody
{
    private const int MostBytes = 64 << 10;

    /// <summary>The body's value, or what is wrong with it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="type">What the body is.</param>
    /// <param name="empty">What an empty body means; null where it means nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<(T? Value, IResult? Problem)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, T? empty, CancellationToken cancellationToken)
        where T : class
    {
        byte[] bytes = new byte[MostBytes + 1];
        int length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (length > MostBytes)
        {
            return (null, Problem.BadRequest($"The body is longer than {MostBytes} bytes."));
        }

        if (length == 0 && empty is not null)
        {
            return (empty, null);
        }

        try
        {
            return JsonSerializer.Deserialize(bytes.AsSpan(0, length), type) is { } value ? (value, null) : (null, Problem.BadRequest("The body must be a JSON object."));
        }
        catch (JsonException wrong)
        {
            return (null, Problem.BadRequest($"The body is not as it must be: {wrong.Message}"));
        }
    }
}
