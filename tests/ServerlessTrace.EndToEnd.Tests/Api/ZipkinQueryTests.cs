using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Posts;

namespace ServerlessTrace.EndToEnd.Tests.Api;

/// <summary>What Zipkin's user interface and Grafana's data source ask.</summary>
public sealed class ZipkinQueryTests(CompatibleFixture fixture) : IClassFixture<CompatibleFixture>
{
    [Fact]
    public async Task Services_span_names_and_remote_services_are_offered()
    {
        Assert.Contains(fixture.Shop, Texts(await fixture.GetAsync("zipkin/api/v2/services")));
        Assert.Equal(["charge", "post /orders"], Texts(await fixture.GetAsync($"zipkin/api/v2/spans?serviceName={fixture.Shop}")));
        Assert.Equal([fixture.Shop + "-payments"], Texts(await fixture.GetAsync($"zipkin/api/v2/remoteServices?serviceName={fixture.Shop}")));
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("&spanName=charge", true, true)]
    [InlineData("&spanName=all", true, true)]
    [InlineData("&spanName=refund", false, false)]
    [InlineData("&minDuration=500000", false, true)]
    [InlineData("&maxDuration=500000", true, false)]
    [InlineData("&annotationQuery=error", false, true)]
    [InlineData("&annotationQuery=card.brand%3Damex", true, false)]
    [InlineData("&annotationQuery=error and card.brand%3Damex", false, false)]
    [InlineData("&limit=1", false, true)]
    public async Task A_search_finds_whole_traces(string filter, bool fast, bool slow)
    {
        JsonArray found = (await fixture.GetAsync($"zipkin/api/v2/traces?serviceName={fixture.Shop}{filter}")).AsArray();

        string[] expected = [.. slow ? [fixture.Slow] : Array.Empty<string>(), .. fast ? [fixture.Fast] : Array.Empty<string>()];
        Assert.Equal(expected, found.Select(static trace => (string)trace![0]!["traceId"]!));
        Assert.All(found, static trace => Assert.Equal(3, trace!.AsArray().Count));
    }

    [Fact]
    public async Task A_search_keeps_to_its_range_and_to_who_is_called()
    {
        JsonArray early = (await fixture.GetAsync($"zipkin/api/v2/traces?serviceName={fixture.Shop}&endTs={fixture.Micros(500) / 1_000}&lookback=600000")).AsArray();
        Assert.Equal(fixture.Fast, (string)Assert.Single(early)![0]!["traceId"]!);

        Assert.Equal(2, (await fixture.GetAsync($"zipkin/api/v2/traces?serviceName={fixture.Shop}&remoteServiceName={fixture.Shop}-payments")).AsArray().Count);
        Assert.Empty((await fixture.GetAsync($"zipkin/api/v2/traces?serviceName={fixture.Shop}&remoteServiceName=nobody")).AsArray());
    }

    [Fact]
    public async Task Traces_come_by_their_ids()
    {
        JsonArray spans = (await fixture.GetAsync($"zipkin/api/v2/trace/{fixture.Slow}")).AsArray();
        Assert.Equal(3, spans.Count);
        Assert.Equal("card declined", (string)spans.Single(static span => (string)span!["name"]! == "charge card")!["tags"]!["error"]!);
        Assert.Equal(2, (await fixture.GetAsync($"zipkin/api/v2/traceMany?traceIds={fixture.Slow},{fixture.Fast}")).AsArray().Count);
    }

    [Fact]
    public async Task Calls_between_services_are_counted_with_their_errors()
    {
        JsonArray links = (await fixture.GetAsync($"zipkin/api/v2/dependencies?endTs={fixture.Micros(60_000) / 1_000}")).AsArray();

        JsonNode link = links.Single(link => (string)link!["parent"]! == fixture.Shop)!;
        Assert.Equal((fixture.Shop + "-payments", 2, 1), ((string)link["child"]!, (int)link["callCount"]!, (int)link["errorCount"]!));
    }

    [Theory]
    [InlineData("zipkin/api/v2/traces?limit=x", 400)]
    [InlineData("zipkin/api/v2/traces?annotationQuery=somewhere", 400)]
    [InlineData("zipkin/api/v2/spans", 400)]
    [InlineData("zipkin/api/v2/remoteServices", 400)]
    [InlineData("zipkin/api/v2/traceMany", 400)]
    [InlineData("zipkin/api/v2/trace/xyz", 400)]
    [InlineData("zipkin/api/v2/trace/1", 404)]
    [InlineData("zipkin/api/v2/dependencies?lookback=-1", 400)]
    public async Task What_is_wrong_is_a_problem(string path, int status)
    {
        using HttpResponseMessage response = await fixture.Service.Http.GetAsync(new Uri(path, UriKind.Relative));

        await RunningServicePosts.AssertProblemAsync(response, status);
    }

    private static IEnumerable<string> Texts(JsonNode answer) => answer.AsArray().Select(static text => (string)text!);
}
