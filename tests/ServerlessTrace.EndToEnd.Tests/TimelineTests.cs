using System.Net;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>The service gives a trace as a page for the browser.</summary>
public sealed class TimelineTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task A_trace_is_a_page_by_its_own_address_by_format_and_by_accept_header()
    {
        string trace = SpanLogs.NewTraceId();
        await Service.DropAsync($"timeline-{trace}.ndjson", SpanLogs.Span(trace, "a000000000000001", "api-gateway", "POST </script>", 0, 200, status: "ERROR"));
        await Service.TraceAsync(trace);

        string page = await PageAsync($"api/traces/{trace}/timeline");
        Assert.Contains("POST &lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("yes, revision 1", page, StringComparison.Ordinal);
        Assert.Equal(page, await PageAsync($"api/traces/{trace}/report?format=html"));
        Assert.Equal(page, await PageAsync($"api/traces/{trace}/report", "text/html,application/xhtml+xml,*/*;q=0.8"));
    }

    [Theory]
    [InlineData("api/traces/0123456789abcdef0123456789abcdef/timeline", HttpStatusCode.NotFound)]
    [InlineData("api/traces/nothex/timeline", HttpStatusCode.BadRequest)]
    public async Task No_trace_no_page(string path, HttpStatusCode status)
    {
        using HttpResponseMessage response = await Service.Http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Without_the_key_there_is_no_page()
    {
        using HttpResponseMessage response = await Service.Anonymous.GetAsync(new Uri("api/traces/0123456789abcdef0123456789abcdef/timeline", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private async Task<string> PageAsync(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        using HttpResponseMessage response = await Service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        return await response.Content.ReadAsStringAsync();
    }
}
