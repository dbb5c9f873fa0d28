using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>Bodies and answers of the functions about alerts.</summary>
internal static class AlertJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Says with the answer from when on every instance heeds what was written: traces whose sealing begins then or later are judged by it.</summary>
    public static void TellWhen(HttpRequest request, DateTimeOffset effectiveFrom) =>
        request.HttpContext.Response.Headers["Effective-From"] = effectiveFrom.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A value as an answer.</summary>
    public static IResult Answer<T>(T value) => Results.Json(value, Options);

    /// <summary>A value as a part of an answer.</summary>
    public static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Options);

    /// <summary>A body's bytes; null where there are too many.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[maxBytes + 1];
        int length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length > maxBytes ? null : bytes.AsMemory(0, length);
    }

    /// <summary>All that is wrong with what was sent, as a list beside the sentence.</summary>
    public static IResult Invalid(string what, IReadOnlyList<string> problems) => Results.Problem(
        string.Join(' ', problems),
        statusCode: StatusCodes.Status400BadRequest,
        title: $"The {what} is not valid.",
        extensions: new Dictionary<string, object?> { ["errors"] = problems });
}
