using System.Net;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

public sealed class SubscriptionTests(WebhookOnTableFixture fixture) : IClassFixture<WebhookOnTableFixture>
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly RunningService _service = fixture.Service;
    private readonly Subscriber _subscriber = new(fixture.Service);

    [Fact]
    public async Task A_subscription_is_created_listed_changed_and_deleted()
    {
        (HttpStatusCode created, JsonNode? first, var headers) = await _subscriber.CallAsync(
            HttpMethod.Post, "api/webhooks", """{"url":"https://hooks.example.com/a","description":"On call","filter":{"severities":["critical"],"rules":["slow"]}}""");
        string id = (string)first!["id"]!;

        Assert.Equal(HttpStatusCode.Created, created);
        Assert.Equal($"/api/webhooks/{id}", headers.Location!.ToString());
        (_, JsonNode? list, _) = await _subscriber.CallAsync(HttpMethod.Get, "api/webhooks");
        Assert.Contains(list!["webhooks"]!.AsArray(), webhook => (string)webhook!["id"]! == id);

        (HttpStatusCode changed, _, _) = await _subscriber.CallAsync(HttpMethod.Put, $"api/webhooks/{id}", """{"url":"https://hooks.example.com/b","enabled":false}""");
        (_, JsonNode? read, _) = await _subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}");
        Assert.Equal(HttpStatusCode.OK, changed);
        Assert.Equal("https://hooks.example.com/b", (string)read!["url"]!);
        Assert.False((bool)read["enabled"]!);
        Assert.Empty(read["filter"]!["rules"]!.AsArray());

        (HttpStatusCode deleted, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, $"api/webhooks/{id}");
        (HttpStatusCode gone, _, _) = await _subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted, gone));
    }

    [Fact]
    public async Task Two_who_change_it_at_once_do_not_overwrite_each_other()
    {
        const string Body = """{"url":"https://hooks.example.com/a"}""";
        string path = $"api/webhooks/w-{Guid.NewGuid():n}";
        (_, _, var created) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-None-Match", "*"));
        string tag = created.ETag!.ToString();
        Assert.False(created.ETag.IsWeak);

        (HttpStatusCode again, _, _) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-None-Match", "*"));
        (HttpStatusCode first, _, var changed) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-Match", tag));
        (HttpStatusCode second, _, _) = await _subscriber.CallAsync(HttpMethod.Put, path, Body, ("If-Match", tag));
        (HttpStatusCode delete, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, path, null, ("If-Match", tag));
        (HttpStatusCode last, _, _) = await _subscriber.CallAsync(HttpMethod.Delete, path, null, ("If-Match", changed.ETag!.ToString()));

        Assert.Equal(HttpStatusCode.PreconditionFailed, again);
        Assert.Equal(HttpStatusCode.OK, first);
        Assert.Equal(HttpStatusCode.PreconditionFailed, second);
        Assert.Equal(HttpStatusCode.PreconditionFailed, delete);
        Assert.Equal(HttpStatusCode.NoContent, last);
    }

    [Fact]
    public async Task A_secret_is_shown_when_it_is_made_and_never_again()
    {
        string path = $"api/webhooks/w-{Guid.NewGuid():n}";
        (_, JsonNode? created, _) = await _subscriber.CallAsync(HttpMethod.Put, path, $$"""{"url":"https://hooks.example.com/a","secret":"{{Secret}}"}""");
        (_, JsonNode? rotated, _) = await _subscriber.CallAsync(HttpMethod.Post, $"{path}/secret");
        string next = (string)rotated!["secret"]!;

        Assert.Equal(Secret, (string)created!["secret"]!);
        Assert.StartsWith("whsec_", next, StringComparison.Ordinal);
        foreach (string read in (string[])[path, "api/webhooks", $"{path}/deliveries"])
        {
            string text = await _service.Http.GetStringAsync(new Uri(read, UriKind.Relative));
            Assert.DoesNotContain(Secret["whsec_".Length..], text, StringComparison.Ordinal);
            Assert.DoesNotContain(next["whsec_".Length..], text, StringComparison.Ordinal);
        }

        (_, JsonNode? replaced, _) = await _subscriber.CallAsync(HttpMethod.Put, path, """{"url":"https://hooks.example.com/b"}""");
        Assert.Null(replaced!["secret"]);
    }

    [Fact]
    public async Task Credentials_of_receivers_are_not_shown_either_and_stay_when_what_was_shown_is_put_back()
    {
        string slack = $"api/webhooks/w-{Guid.NewGuid():n}";
        (_, JsonNode? created, _) = await _subscriber.CallAsync(
            HttpMethod.Put, slack, """{"url":"https://hooks.slack.com/services/T0/B0/credential","format":"slack"}""");
        Assert.Equal("https://hooks.slack.com/…", (string)created!["url"]!);

        (HttpStatusCode put, JsonNode? back, _) = await _subscriber.CallAsync(
            HttpMethod.Put, slack, $$"""{"url":"{{(string)created["url"]!}}","format":"slack","description":"changed"}""");
        Assert.Equal(HttpStatusCode.OK, put);
        Assert.Equal("https://hooks.slack.com/…", (string)back!["url"]!);

        string pager = $"api/webhooks/w-{Guid.NewGuid():n}";
        (_, JsonNode? key, _) = await _subscriber.CallAsync(
            HttpMethod.Put, pager, """{"url":"https://events.pagerduty.com/v2/enqueue","format":"pagerduty","routingKey":"credential0"}""");
        Assert.DoesNotContain("credential0", key!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_do_not_show_by_another_format_and_do_not_go_to_another_url()
    {
        string slack = $"api/webhooks/w-{Guid.NewGuid():n}";
        await _subscriber.CallAsync(HttpMethod.Put, slack, """{"url":"https://hooks.slack.com/services/T0/B0/credential","format":"slack"}""");
        foreach (string body in (string[])["""{"format":"standard"}""", """{"format":"cloudevents","url":"https://hooks.slack.com/…"}"""])
        {
            (HttpStatusCode changed, JsonNode? answer, _) = await _subscriber.CallAsync(HttpMethod.Put, slack, body);
            Assert.Equal(HttpStatusCode.BadRequest, changed);
            Assert.DoesNotContain("credential", answer!.ToJsonString(), StringComparison.Ordinal);
        }

        (HttpStatusCode anew, _, _) = await _subscriber.CallAsync(HttpMethod.Put, slack, """{"format":"standard","url":"https://hooks.example.com/a"}""");
        Assert.Equal(HttpStatusCode.OK, anew);

        string pager = $"api/webhooks/w-{Guid.NewGuid():n}";
        await _subscriber.CallAsync(HttpMethod.Put, pager, """{"url":"https://events.pagerduty.com/v2/enqueue","format":"pagerduty","routingKey":"credential0"}""");
        (HttpStatusCode elsewhere, _, _) = await _subscriber.CallAsync(HttpMethod.Put, pager, """{"url":"https://attacker.example.com/","format":"pagerduty"}""");
        (HttpStatusCode same, _, _) = await _subscriber.CallAsync(HttpMethod.Put, pager, """{"url":"https://events.pagerduty.com/v2/enqueue","format":"pagerduty"}""");
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (elsewhere, same));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"url":"http://hooks.example.com/"}""")]
    [InlineData("""{"url":"https://user:password@hooks.example.com/"}""")]
    [InlineData("""{"url":"https://hooks.example.com/#a"}""")]
    [InlineData("""{"url":"https://hooks.example.com:22/"}""")]
    [InlineData("""{"url":"https://hooks.example.com/","format":"telex"}""")]
    [InlineData("""{"url":"https://hooks.example.com/","format":"pagerduty"}""")]
    [InlineData("""{"url":"https://hooks.example.com/","routingKey":"a"}""")]
    [InlineData("""{"url":"https://hooks.example.com/","format":"pagerduty","routingKey":"a b"}""")]
    [InlineData("""{"url":"https://hooks.example.com/","secret":"whsec_c2hvcnQ="}""")]
    [InlineData("""{"url":"https://hooks.example.com/","filter":{"severities":["awful"]}}""")]
    [InlineData("""{"url":"https://hooks.example.com/","filter":{"severities":[2]}}""")]
    [InlineData("""{"url":"https://hooks.example.com/","filter":{"services":[""]}}""")]
    [InlineData("""{"url":"https://hooks.example.com/","filter":{"services":[null]}}""")]
    [InlineData("""{"url":"https://hooks.example.com/","fliter":{"services":["a"]}}""")]
    [InlineData("""{"url":"https://hooks.example.com/","url":"http://127.0.0.1/"}""")]
    public async Task What_is_no_subscription_is_refused_with_a_reason(string body)
    {
        (HttpStatusCode status, JsonNode? problem, _) = await _subscriber.CallAsync(HttpMethod.Put, "api/webhooks/refused", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(((string)problem!["detail"]!).Length > 10);
        (HttpStatusCode found, _, _) = await _subscriber.CallAsync(HttpMethod.Get, "api/webhooks/refused");
        Assert.Equal(HttpStatusCode.NotFound, found);
    }

    [Theory]
    [InlineData("-a")]
    [InlineData("A")]
    [InlineData("a.b")]
    [InlineData("a%2Fb")]
    [InlineData("a%27%20or%20true")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task An_id_that_is_none_is_refused(string id)
    {
        (HttpStatusCode put, _, _) = await _subscriber.CallAsync(HttpMethod.Put, $"api/webhooks/{id}", """{"url":"https://hooks.example.com/"}""");
        (HttpStatusCode get, _, _) = await _subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}");
        (HttpStatusCode deliveries, _, _) = await _subscriber.CallAsync(HttpMethod.Get, $"api/webhooks/{id}/deliveries/{id}");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (put, get, deliveries));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/x")]
    [InlineData("/x/deliveries")]
    public async Task Nothing_is_told_without_a_key(string path)
    {
        using HttpResponseMessage response = await _service.Anonymous.GetAsync(new Uri($"api/webhooks{path}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
