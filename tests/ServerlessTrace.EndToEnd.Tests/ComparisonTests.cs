using System.Net;
using System.Text.Json;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>The service says what is different between two traces, and finds critical paths as asked.</summary>
public sealed class ComparisonTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task Two_traces_are_compared_and_a_trace_with_itself_is_no_different()
    {
        string first = SpanLogs.NewTraceId();
        string second = SpanLogs.NewTraceId();
        await Service.DropAsync($"compare-{first}.ndjson", SpanLogs.Span(first, "a000000000000001", "api-gateway", "GET /", 0, 200, status: "OK"));
        await Service.DropAsync($"compare-{second}.ndjson", SpanLogs.Span(second, "a000000000000001", "api-gateway", "GET /", 0, 350, status: "OK"));
        await Service.TraceAsync(first);
        await Service.TraceAsync(second);

        string text = await GetAsync($"api/traces/{first}/comparison/{second}");
        Assert.Contains("Duration: +150ms (+75%)", text, StringComparison.Ordinal);
        Assert.Contains("Nothing is different.", await GetAsync($"api/traces/{first}/comparison/{first.ToUpperInvariant()}"), StringComparison.Ordinal);
        Assert.StartsWith("# Trace Comparison", await GetAsync($"api/traces/{first}/comparison/{second}?format=markdown"), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(await GetAsync($"api/traces/{first}/comparison/{second}?format=json"));
        Assert.Equal(150, json.RootElement.GetProperty("durationChangeMs").GetDouble());
        Assert.Contains("Critical Path Analysis (tolerant)", await GetAsync($"api/traces/{first}/report?criticalPath=tolerant"), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"api/traces/{first}/comparison/0123456789abcdef0123456789abcdef"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync($"api/traces/{first}/comparison/nothex"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync($"api/traces/{first}/comparison/{second}?format=html"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync($"api/traces/{first}?criticalPath=loose"));
    }

    private Task<string> GetAsync(string path) => Service.Http.GetStringAsync(new Uri(path, UriKind.Relative));

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using HttpResponseMessage response = await Service.Http.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
