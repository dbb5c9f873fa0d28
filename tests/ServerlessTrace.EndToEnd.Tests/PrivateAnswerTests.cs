using System.Net;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

public sealed class PrivateAnswerTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("api/traces", HttpStatusCode.OK)]
    [InlineData("api/openapi.json", HttpStatusCode.OK)]
    [InlineData("api/health", HttpStatusCode.OK)]
    [InlineData("jaeger/api/services", HttpStatusCode.OK)]
    [InlineData("api/dependencies?format=dot", HttpStatusCode.OK)]
    [InlineData("api/traces/1", HttpStatusCode.NotFound)]
    [InlineData("api/shared/traces/1/report", HttpStatusCode.Forbidden)]
    [InlineData("", HttpStatusCode.OK)]
    public async Task No_cache_keeps_an_answer_and_no_browser_guesses_what_it_is(string path, HttpStatusCode status)
    {
        using HttpResponseMessage response = await fixture.Service.Http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("GET", "api/traces", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "", HttpStatusCode.Unauthorized)]
    [InlineData("DELETE", "api/receipts", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/no-such-thing", HttpStatusCode.NotFound)]
    [InlineData("POST", "", HttpStatusCode.NoContent)]
    public async Task What_the_platform_refuses_is_empty_and_has_none_of_the_headers(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using HttpResponseMessage response = await fixture.Service.Anonymous.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Null(response.Headers.CacheControl);
        Assert.False(response.Headers.Contains("X-Content-Type-Options"));
    }

    [Fact]
    public async Task However_many_ask_for_the_health_at_once_few_look_at_storage()
    {
        const int Asking = 200;
        const string Look = "GET span-logs";
        long before = fixture.Service.Host.StorageRequests.ByOperation.GetValueOrDefault(Look);

        HttpResponseMessage[] answers = await Task.WhenAll(
            Enumerable.Range(0, Asking).Select(_ => fixture.Service.Anonymous.GetAsync(new Uri("api/health", UriKind.Relative))));

        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Array.ForEach(answers, static answer => answer.Dispose());
        Assert.InRange(fixture.Service.Host.StorageRequests.ByOperation[Look] - before, 1, Asking / 2);
    }

    [Theory]
    [InlineData("from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z")]
    [InlineData("from=0&to=99999999999")]
    [InlineData("from=0&to=9223372036854775807")]
    public async Task A_range_beyond_what_ns_can_tell_means_all_time(string range)
    {
        string trace = SpanLogs.NewTraceId();
        string service = $"any-time-{trace}";
        await fixture.Service.DropAsync($"{service}.ndjson", SpanLogs.Span(trace, "a000000000000001", service, "op", 0, 10));

        await Eventually.GetAsync(() => fixture.Service.TracesAsync($"service={service}&{range}"), static found => found.Count == 1, "The trace found");
    }
}
