using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Reports.Html;

namespace ServerlessTrace.Functions.Api.Links;

/// <summary>Why a link does not open: a page for people who follow it in a browser, problem details for all others.</summary>
internal sealed class RefusedLink : IResult
{
    /// <summary>Its time is over.</summary>
    public static readonly RefusedLink Expired = new(
        StatusCodes.Status410Gone, "This link has expired.", "Links to reports open for a time only. Ask for a new one, or open the trace with a key.");

    /// <summary>It was never valid.</summary>
    public static readonly RefusedLink Invalid = new(
        StatusCodes.Status403Forbidden, "This link is not valid.", "It is not complete, or was changed. Ask for a new one, or open the trace with a key.");

    private readonly int _status;
    private readonly string _title;
    private readonly string _detail;

    private RefusedLink(int status, string title, string detail) => (_status, _title, _detail) = (status, title, detail);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        IHeaderDictionary headers = httpContext.Response.Headers;
        headers.ContentSecurityPolicy = HtmlReport.ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        IResult answer = httpContext.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? Results.Text(Page(), "text/html; charset=utf-8", statusCode: _status)
            : Results.Problem(_detail, statusCode: _status, title: _title);
        return answer.ExecuteAsync(httpContext);
    }

    private string Page() =>
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"><meta name=\"viewport\" content=\"width=device-width\"><title>{_title}</title><main><h1>{_title}</h1><p>{_detail}</p></main></html>";
}
