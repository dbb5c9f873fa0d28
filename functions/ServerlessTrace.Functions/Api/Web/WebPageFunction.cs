using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.Functions.Api.Web;

/// <summary>The web page.</summary>
public static class WebPageFunction
{
    /// <summary>
    /// The page that lists and searches traces. The host would take an empty route for none and use the function's name; this one matches the root and
    /// nothing else. Opened with <c>?code=KEY</c>, which the page takes out of its address at once.
    /// </summary>
    [Function("WebPage")]
    public static IResult Get([HttpTrigger(AuthorizationLevel.Function, "get", Route = "{ignored:maxlength(0)?}")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        HttpResponse response = request.HttpContext.Response;
        response.Headers.ContentSecurityPolicy = WebPage.ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        return Results.Bytes(WebPage.Content, "text/html; charset=utf-8");
    }
}
