using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Reports.Html;

namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>The HTML report of a trace, with the headers that keep what is in the trace inert, and the address (which may hold a key) to itself.</summary>
internal sealed class ReportPage(AnalysedTrace trace) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var page = new MemoryStream();
        HtmlReport.Write(page, trace.Analysis, trace.Loaded.IsSealed, trace.Loaded.Revision);
        HttpResponse response = httpContext.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Length;
        response.Headers.ContentSecurityPolicy = HtmlReport.ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        page.Position = 0;
        await page.CopyToAsync(response.Body, httpContext.RequestAborted).ConfigureAwait(false);
    }
}
