using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Answers requests that were not taken in.</summary>
internal static class RefusedPost
{
    /// <summary>As problem details (RFC 9457).</summary>
    public static IResult AsProblem(HttpRequest request, RefusedPostException refused)
    {
        SetRetryAfter(request, refused);
        return Results.Problem(refused.Message, statusCode: refused.Status);
    }

    /// <summary>Says when to come again (RFC 9110, 10.2.3), where that makes sense.</summary>
    public static void SetRetryAfter(HttpRequest request, RefusedPostException refused)
    {
        if (refused.RetryAfterSeconds is { } seconds)
        {
            request.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
    }
}
