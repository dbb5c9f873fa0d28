using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Http;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.Http;

/// <summary>Requests to a real server, by a real client.</summary>
public sealed class HttpContextTests : IAsyncLifetime
{
    private readonly WebApplication _app = Create();

    public async Task InitializeAsync()
    {
        _app.UseTraceContext();
        _app.MapGet("/orders/{id}", (string id, HttpRequest request) =>
            Results.Json(new { id, order = Baggage.GetBaggage("order_id"), correlation = CorrelationScope.CorrelationId, traceparents = request.Headers["traceparent"].Count }));
        _app.MapGet("/fails", () => Results.StatusCode(503));
        _app.MapGet("/throws", string () => throw new InvalidOperationException("broken"));
        await _app.StartAsync();
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task A_call_is_a_client_span_and_a_server_span_of_one_trace_with_the_business_ids_on_both()
    {
        using var spans = new Spans();
        string answer;
        using (WorkContext.Continue(default, "checkout"))
        using (CorrelationScope.Begin([new("order_id", "ord-789"), new("correlation_id", "tx-1")]))
        {
            answer = await GetAsync("/orders/7?key=secret");
        }

        Assert.Equal("""{"id":"7","order":"ord-789","correlation":"tx-1","traceparents":1}""", answer);
        Activity client = spans.Single("GET");
        Activity server = spans.Single("GET /orders/{id}");
        Assert.Equal((spans.Single("checkout").SpanId, client.SpanId), (client.ParentSpanId, server.ParentSpanId));
        Assert.Equal((ActivityKind.Client, ActivityKind.Server), (client.Kind, server.Kind));
        Assert.Equal(("ord-789", "tx-1"), (server.GetTagItem("order_id"), server.GetTagItem("correlation_id")));
        Assert.Equal((200, "/orders/{id}", "/orders/7"), (server.GetTagItem("http.response.status_code"), server.GetTagItem("http.route"), server.GetTagItem("url.path")));
        Assert.DoesNotContain("secret", (string)client.GetTagItem("url.full")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_correlation_id_gets_its_trace_id_and_the_response_says_so()
    {
        using var spans = new Spans();
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        using HttpResponseMessage response = await client.GetAsync(new Uri("/orders/7", UriKind.Relative));

        string id = Assert.Single(response.Headers.GetValues("X-Correlation-Id"));
        Assert.Equal(spans.Single("GET /orders/{id}").TraceId.ToHexString(), id);
    }

    [Fact]
    public async Task Ids_of_the_request_are_in_the_response_unless_they_are_none()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        client.DefaultRequestHeaders.Add("X-Request-Id", "req-1");
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Correlation-Id", "<script>alert(1)</script>");
        using HttpResponseMessage response = await client.GetAsync(new Uri("/orders/7", UriKind.Relative));

        Assert.Equal("req-1", Assert.Single(response.Headers.GetValues("X-Request-Id")));
        Assert.DoesNotContain("script", Assert.Single(response.Headers.GetValues("X-Correlation-Id")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_that_speak_b3_are_continued()
    {
        using var spans = new Spans();
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        client.DefaultRequestHeaders.Add("b3", $"{Contexts.Trace}-{Contexts.Span}-1");
        await client.GetStringAsync(new Uri("/orders/7", UriKind.Relative));

        Activity server = spans.Single("GET /orders/{id}");
        Assert.Equal((Contexts.Trace, Contexts.Span), (server.TraceId.ToHexString(), server.ParentSpanId.ToHexString()));
    }

    [Fact]
    public async Task The_platforms_own_span_is_used_where_somebody_listens_to_it()
    {
        using var spans = new Spans("Microsoft.AspNetCore");
        using (WorkContext.Continue(Contexts.Of(baggage: [("order_id", "7")]), "checkout"))
        {
            await GetAsync("/orders/7");
        }

        Activity server = Assert.Single(spans.Ended, span => span.Kind == ActivityKind.Server);
        Assert.Equal(("Microsoft.AspNetCore", spans.Single("GET").SpanId), (server.Source.Name, server.ParentSpanId));
        Assert.Equal("7", server.GetTagItem("order_id"));
    }

    [Fact]
    public async Task A_request_that_is_sent_again_has_the_headers_of_its_own_try_only()
    {
        using var spans = new Spans();
        using HttpMessageInvoker client = Client();
        string last = string.Empty;
        for (int tries = 0; tries < 2; tries++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(_app.Urls.First()), "/orders/7"));
            request.Headers.Add("traceparent", Contexts.Parent);
            using HttpResponseMessage response = await client.SendAsync(request, default);
            last = await response.Content.ReadAsStringAsync();
            Assert.Single(request.Headers.GetValues("traceparent"));
        }

        Assert.Contains("\"traceparents\":1", last, StringComparison.Ordinal);
        Assert.Equal(2, spans.Ended.Count(span => span.Kind == ActivityKind.Client));
    }

    [Fact]
    public async Task Failures_are_told_on_both_sides()
    {
        using var spans = new Spans();
        await GetAsync("/fails", HttpStatusCode.ServiceUnavailable);
        await GetAsync("/throws", HttpStatusCode.InternalServerError);
        using HttpMessageInvoker client = Client();
        using var nowhere = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1:1/");
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(nowhere, default));

        Assert.Equal(5, spans.Ended.Count);
        Assert.All(spans.Ended, span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.Contains(spans.Ended, span => (string?)span.GetTagItem("error.type") == "503");
        Assert.Equal(2, spans.Ended.Count(span => span.Events.Any(spanEvent => spanEvent.Name == "exception")));
    }

    [Fact]
    public async Task Context_passes_through_a_service_in_which_nobody_listens()
    {
        string? passed = null;
        await using WebApplication middle = Create();
        middle.UseTraceContext();
        middle.MapGet("/", () =>
        {
            passed = TracePropagators.Http.Inject(WorkContext.Current)["traceparent"];
            return Baggage.GetBaggage("order_id");
        });
        await middle.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(middle.Urls.First()) };
        client.DefaultRequestHeaders.Add("traceparent", Contexts.Parent);
        client.DefaultRequestHeaders.Add("baggage", "order_id=7");

        Assert.Equal("7", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.StartsWith($"00-{Contexts.Trace}-", passed, StringComparison.Ordinal);
    }

    private static WebApplication Create()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddTraceContext();
        return builder.Build();
    }

    private static HttpMessageInvoker Client() => new(new TraceContextHandler { InnerHandler = new SocketsHttpHandler { ActivityHeadersPropagator = null } });

    private async Task<string> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using HttpMessageInvoker client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(_app.Urls.First()), path));
        using HttpResponseMessage response = await client.SendAsync(request, default);
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
