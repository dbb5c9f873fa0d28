using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Alerting.TraceRules;
using ServerlessTrace.Functions.Alerting.WindowRules;
using ServerlessTrace.Functions.Api.Links;
using ServerlessTrace.Functions.Orchestrations;

namespace ServerlessTrace.EndToEnd.Tests.Alerting;

/// <summary>From a dropped file to a webhook, on every durable backend. Each test has a service name, and rules, of its own.</summary>
public abstract class AlertTests(AlertFixture fixture)
{
    private readonly RunningService _service = fixture.Service;
    private readonly Subscriber _subscriber = new(fixture.Service);

    [Fact]
    public async Task A_slow_trace_is_told_once_by_webhook_though_it_is_sealed_again()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        (_, string secret) = await _subscriber.SubscribeAsync(receiver.Url);
        string rule = await RuleAsync($$$"""{"kind":"trace-duration","over":"500ms","match":{"service":"{{{_subscriber.Service}}}"}}""");
        string trace = SpanLogs.NewTraceId();
        await _service.DropAsync($"{trace}.ndjson", SpanLogs.Span(trace, "b7ad6b7169203331", _subscriber.Service, "GET /", 0, 812));

        ReceivedWebhook told = Assert.Single(await receiver.ReceivedAsync(1));
        Assert.True(told.IsSignedWith(secret));
        Assert.Equal("alert.firing", told.Type);
        JsonNode data = told.Json["data"]!;
        Assert.Equal((rule, _subscriber.Service, "GET /"), ((string)data["rule"]!, (string)data["service"]!, (string)data["operation"]!));
        Assert.Equal((812, 500), ((double)data["observed"]!, (double)data["threshold"]!));
        Assert.Equal(trace, (string)data["traces"]![0]!["traceId"]!);

        await AssertOpensWithoutKeyAsync(trace, (string)data["traces"]![0]!["reportUrl"]!);

        await _service.DropAsync($"{trace}-late.ndjson", SpanLogs.Span(trace, "00000000000000aa", _subscriber.Service, "late", 900, 300, parent: "b7ad6b7169203331"));
        await _service.TraceAsync(trace, sealedAgain => (int)sealedAgain["revision"]! == 2, "sealed again");
        Assert.Single(receiver.Received);
        JsonObject listed = await _service.GetJsonAsync($"api/alerts?rule={rule}");
        JsonNode transition = Assert.Single(listed["transitions"]!.AsArray())!;
        Assert.Equal("firing", (string)transition["to"]!);
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml;q=0.9", "text/html")]
    [InlineData("application/json", "application/problem+json")]
    public async Task A_link_whose_time_is_over_says_so(string accept, string answered)
    {
        string trace = SpanLogs.NewTraceId();
        await _service.DropAsync($"{trace}.ndjson", SpanLogs.Span(trace, "b7ad6b7169203331", _subscriber.Service, "GET /", 0, 10));
        await _service.TraceAsync(trace);
        SignedLinks links = _service.Host.Services.GetRequiredService<SignedLinks>();
        Assert.True(TraceId.TryParse(trace, out TraceId id));
        Uri expired = await links.ToReportAsync(id, DateTimeOffset.UtcNow.AddDays(-7).AddSeconds(-2), CancellationToken.None);
        Uri valid = await links.ToReportAsync(id, DateTimeOffset.UtcNow.AddDays(-7).AddHours(1), CancellationToken.None);

        using var request = new HttpRequestMessage(HttpMethod.Get, expired);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage refused = await _service.Anonymous.SendAsync(request);
        string told = await refused.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.Gone, answered), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType!));
        Assert.Contains("This link has expired.", told, StringComparison.Ordinal);
        Assert.DoesNotContain(trace, told, StringComparison.Ordinal);
        Assert.Equal("no-store", refused.Headers.CacheControl!.ToString());

        using HttpResponseMessage opened = await _service.Anonymous.GetAsync(valid);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
    }

    [Fact]
    public async Task A_rule_that_is_deleted_while_it_fires_tells_that_it_is_over()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await _subscriber.SubscribeAsync(receiver.Url);
        string rule = await RuleAsync(
            $$$"""{"kind":"window","above":"500ms","window":"1m","minimumSamples":5,"of":"traces","match":{"service":"{{{_subscriber.Service}}}"}}""");
        DateTimeOffset minute = Minute(DateTimeOffset.UtcNow).AddMinutes(10);
        await DropTracesAsync(minute, 900);
        await EvaluateAsync(minute.AddMinutes(1));
        await receiver.ReceivedAsync(1);

        (HttpStatusCode deleted, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, $"api/alert-rules/{rule}");
        Assert.Equal(HttpStatusCode.NoContent, deleted);
        await EvaluateAsync(minute.AddMinutes(2));

        IReadOnlyList<ReceivedWebhook> received = await receiver.ReceivedAsync(2);
        Assert.Equal(["alert.firing", "alert.resolved"], received.Select(webhook => webhook.Type));
        Assert.Equal(received[0].AlertId, received[1].AlertId);
        JsonObject alerts = await _service.GetJsonAsync($"api/alerts?rule={rule}");
        Assert.Empty(alerts["active"]!.AsArray());
        Assert.Equal("resolved", (string)alerts["transitions"]![0]!["to"]!);
    }

    [Fact]
    public async Task A_window_rule_fires_and_is_resolved_and_a_repeat_tells_nothing()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await _subscriber.SubscribeAsync(receiver.Url);
        string rule = await RuleAsync(
            $$$"""{"kind":"window","statistic":"p95","above":"500ms","window":"1m","minimumSamples":5,"of":"traces","resolveAfter":"0s","match":{"service":"{{{_subscriber.Service}}}"}}""");

        // Minutes to come, so that the service's own clock does not evaluate them before the test does.
        DateTimeOffset minute = Minute(DateTimeOffset.UtcNow).AddMinutes(2);
        await DropTracesAsync(minute, 900);
        await EvaluateAsync(minute.AddMinutes(1));
        Assert.Equal(["alert.firing"], (await receiver.ReceivedAsync(1)).Select(received => received.Type));
        JsonNode active = Assert.Single((await _service.GetJsonAsync($"api/alerts?rule={rule}"))["active"]!.AsArray())!;
        Assert.Equal("firing", (string)active["state"]!);

        using HttpResponseMessage acknowledged = await _service.Http.PostAsync(
            new Uri($"api/alerts/{(string)active["alertId"]!}/acknowledge", UriKind.Relative), new StringContent("""{"by":"ada"}"""));
        Assert.Equal(HttpStatusCode.OK, acknowledged.StatusCode);

        await DropTracesAsync(minute.AddMinutes(1), 20);
        await EvaluateAsync(minute.AddMinutes(2));
        await EvaluateAsync(minute.AddMinutes(2));
        IReadOnlyList<ReceivedWebhook> received = await receiver.ReceivedAsync(2);
        Assert.Equal(["alert.firing", "alert.resolved"], received.Select(webhook => webhook.Type));
        Assert.Equal(received[0].AlertId, received[1].AlertId);
        Assert.Equal(5, received[0].Json["data"]!["traces"]!.AsArray().Count);
        JsonObject alerts = await _service.GetJsonAsync($"api/alerts?rule={rule}");
        Assert.Empty(alerts["active"]!.AsArray());
        Assert.Equal(["resolved", "firing"], alerts["transitions"]!.AsArray().Select(transition => (string)transition!["to"]!));
    }

    [Fact]
    public async Task A_silenced_alert_is_listed_and_not_told()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await _subscriber.SubscribeAsync(receiver.Url);
        string rule = await RuleAsync($$$"""{"kind":"error","match":{"service":"{{{_subscriber.Service}}}"}}""");
        (HttpStatusCode silenced, _, _) = await _subscriber.CallAsync(
            HttpMethod.Put, $"api/silences/{rule}", $$"""{"rule":"{{rule}}","until":"2099-01-01T00:00:00Z","comment":"deploying"}""");
        Assert.Equal(HttpStatusCode.OK, silenced);
        string trace = SpanLogs.NewTraceId();
        await _service.DropAsync($"{trace}.ndjson", SpanLogs.Span(trace, "b7ad6b7169203331", _subscriber.Service, "GET /", 0, 10, status: "ERROR"));
        JsonObject listed = await Eventually.GetAsync(
            () => _service.GetJsonAsync($"api/alerts?rule={rule}"), alerts => alerts["transitions"]!.AsArray().Count == 1, "A silenced alert listed");
        Assert.Equal(rule, (string)listed["transitions"]![0]!["silencedBy"]!);

        (HttpStatusCode ended, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, $"api/silences/{rule}");
        Assert.Equal(HttpStatusCode.NoContent, ended);
        string next = SpanLogs.NewTraceId();
        await _service.DropAsync($"{next}.ndjson", SpanLogs.Span(next, "b7ad6b7169203331", _subscriber.Service, "GET /", 0, 10, status: "ERROR"));
        ReceivedWebhook told = Assert.Single(await receiver.ReceivedAsync(1));
        Assert.Equal(next, (string)told.Json["data"]!["traces"]![0]!["traceId"]!);
    }

    [Fact]
    public async Task What_a_trace_rule_finds_beyond_its_limit_is_told_together_when_the_interval_is_over()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await _subscriber.SubscribeAsync(receiver.Url);
        string rule = await RuleAsync(
            $$$"""{"kind":"trace-duration","over":"500ms","limit":{"notifications":1,"interval":"1d"},"match":{"service":"{{{_subscriber.Service}}}"}}""");
        await DropTracesAsync(DateTimeOffset.UtcNow, 900);
        await Eventually.GetAsync(
            () => _service.GetJsonAsync($"api/alerts?rule={rule}"), alerts => alerts["transitions"]!.AsArray().Count == 10, "Ten alerts listed");
        await receiver.ReceivedAsync(1);

        // The day's interval, as if it ended now.
        DateTimeOffset day = new(DateTimeOffset.UtcNow.Date, TimeSpan.Zero);
        DateTimeOffset end = DateTimeOffset.UtcNow.AddMilliseconds(1);
        await _service.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync(
            OrchestrationNames.SummarizeAlerts, new AlertInterval(rule, day.ToUnixTimeMilliseconds(), end.ToUnixTimeMilliseconds()), CancellationToken.None);

        IReadOnlyList<ReceivedWebhook> received = await receiver.ReceivedAsync(2);
        Assert.Equal(9, (int)received[1].Json["data"]!["observed"]!);
        Assert.NotEqual(received[0].AlertId, received[1].AlertId);
    }

    [Fact]
    public async Task Rules_are_created_read_changed_and_deleted_in_the_version_that_was_read()
    {
        const string Body = """{"kind":"window","above":"500ms","enabled":false}""";
        string path = $"api/alert-rules/r-{Guid.NewGuid():n}"[..^4];
        (HttpStatusCode created, JsonNode? rule, var headers) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.Created, created);
        Assert.Equal("5m", (string)rule!["window"]!);
        string tag = headers.ETag!.ToString();
        DateTimeOffset effective = DateTimeOffset.Parse(headers.GetValues("Effective-From").Single(), CultureInfo.InvariantCulture);
        Assert.InRange(effective, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(2));
        (HttpStatusCode again, _, _) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, again);

        (_, JsonNode? read, var readHeaders) = await _subscriber.CallAsync(HttpMethod.Get, path);
        Assert.True(JsonNode.DeepEquals(rule, read));
        Assert.Equal(tag, readHeaders.ETag!.ToString());
        (_, JsonNode? list, _) = await _subscriber.CallAsync(HttpMethod.Get, "api/alert-rules");
        Assert.Contains(list!["rules"]!.AsArray(), item => (string)item!["etag"]! == tag);

        (HttpStatusCode changed, _, var changedHeaders) = await _subscriber.CallAsync(HttpMethod.Put, path, Body.Replace("500", "600", StringComparison.Ordinal), ("If-Match", tag));
        Assert.Equal(HttpStatusCode.OK, changed);
        Assert.NotEqual(tag, changedHeaders.ETag!.ToString());
        (HttpStatusCode stale, _, _) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-Match", tag));
        (HttpStatusCode staleDelete, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, path, null, ("If-Match", tag));
        Assert.Equal((HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed), (stale, staleDelete));

        (HttpStatusCode wrong, JsonNode? problem, _) = await _subscriber.CallAsync(HttpMethod.Put, path, """{"kind":"window","above":"5%"}""");
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Contains("write it like 500ms", (string)problem!["errors"]![0]!, StringComparison.Ordinal);

        (HttpStatusCode deleted, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, path, null, ("If-Match", changedHeaders.ETag.ToString()));
        (HttpStatusCode gone, _, _) = await _subscriber.CallAsync(HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted, gone));
    }

    /// <summary>The link opens for whoever has it, and for nothing else.</summary>
    private async Task AssertOpensWithoutKeyAsync(string trace, string link)
    {
        using HttpResponseMessage opened = await _service.Anonymous.GetAsync(new Uri(link));
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Contains(trace, await opened.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("code=", link, StringComparison.Ordinal);

        string other = string.Concat(trace.AsSpan(0, 31), trace[31] == '0' ? "1" : "0");
        string[] wrong =
        [
            link.Replace(trace, other, StringComparison.Ordinal),
            link.Replace("expires=", "expires=1", StringComparison.Ordinal),
            link[..^2],
            link[..link.IndexOf('?', StringComparison.Ordinal)],
            link.Replace("signature=", "signature=%2B", StringComparison.Ordinal),
        ];
        foreach (string attempt in wrong)
        {
            using HttpResponseMessage refused = await _service.Anonymous.GetAsync(new Uri(attempt));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        }

        using HttpResponseMessage written = await _service.Anonymous.PostAsync(new Uri(link), null);
        Assert.Equal(HttpStatusCode.NotFound, written.StatusCode);
    }

    private async Task<string> RuleAsync(string json)
    {
        string id = $"r-{Guid.NewGuid():n}";
        (HttpStatusCode status, JsonNode? answer, _) = await _subscriber.CallAsync(HttpMethod.Put, $"api/alert-rules/{id}", json);
        Assert.True(status == HttpStatusCode.Created, answer?.ToJsonString());
        return id;
    }

    /// <summary>Ten traces that start in a minute, once they are sealed.</summary>
    private async Task DropTracesAsync(DateTimeOffset minute, int durationMs)
    {
        string[] traces = [.. Enumerable.Range(0, 10).Select(_ => SpanLogs.NewTraceId())];
        await _service.DropAsync($"{traces[0]}.ndjson", string.Concat(traces.Select((trace, n) => string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"timestamp\":\"{minute.AddMilliseconds(n + durationMs):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\",\"service\":\"{_subscriber.Service}\",\"trace_id\":\"{trace}\",\"span_id\":\"b7ad6b7169203331\",\"span_name\":\"GET /\",\"span_kind\":\"SERVER\",\"duration_ms\":{durationMs},\"status\":\"OK\"}}\n"))));
        foreach (string trace in traces)
        {
            await _service.TraceAsync(trace);
        }

        // A summary follows its trace's row; what was measured is written with it.
        await Eventually.GetAsync(
            () => _service.TracesAsync($"service={_subscriber.Service}&maxDuration={durationMs + 1}&minDuration={durationMs - 1}&limit=500"), found => found.Count == 10, "Ten traces found");
    }

    private async Task EvaluateAsync(DateTimeOffset end)
    {
        await EvaluationFunctions.StartMinuteAsync(_service.Host.DurableClient, end, end.AddDays(-1), CancellationToken.None);
        OrchestrationMetadata ended = await _service.Host.DurableClient.WaitForInstanceCompletionAsync(
            string.Create(CultureInfo.InvariantCulture, $"alerts-{end.ToUnixTimeSeconds() / 60}"));
        Assert.Equal(OrchestrationRuntimeStatus.Completed, ended.RuntimeStatus);
    }

    private static DateTimeOffset Minute(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
}

public sealed class AlertsOnTableTests(AlertOnTableFixture fixture) : AlertTests(fixture), IClassFixture<AlertOnTableFixture>;

public sealed class AlertsOnAzureStorageTests(AlertOnAzureStorageFixture fixture) : AlertTests(fixture), IClassFixture<AlertOnAzureStorageFixture>;
