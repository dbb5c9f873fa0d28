using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Posts;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Api;

/// <summary>What Jaeger's user interface and Grafana's data source ask, below <c>/jaeger</c>.</summary>
public sealed class JaegerQueryTests(CompatibleFixture fixture) : IClassFixture<CompatibleFixture>
{
    [Fact]
    public async Task Services_and_their_operations_are_offered()
    {
        Assert.Contains(fixture.Shop, Texts(await fixture.GetAsync("jaeger/api/services")));
        Assert.Equal(["charge", "post /orders"], Texts(await fixture.GetAsync($"jaeger/api/services/{fixture.Shop}/operations")));
        JsonArray operations = (await fixture.GetAsync($"jaeger/api/operations?service={fixture.Shop}-payments"))["data"]!.AsArray();
        Assert.Equal("charge card", (string)Assert.Single(operations)!["name"]!);
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("&operation=charge", true, true)]
    [InlineData("&operation=refund", false, false)]
    [InlineData("&minDuration=500ms", false, true)]
    [InlineData("&maxDuration=500ms", true, false)]
    [InlineData("&tag=card.brand:amex", true, false)]
    [InlineData("&tags={\"card.brand\":\"visa\"}", false, true)]
    [InlineData("&tags={\"error\":\"true\"}", false, true)]
    [InlineData("&tag=error:true&tag=card.brand:amex", false, false)]
    [InlineData("&limit=1", false, true)]
    public async Task A_search_finds_whole_traces(string filter, bool fast, bool slow)
    {
        JsonNode found = await fixture.GetAsync($"jaeger/api/traces?service={fixture.Shop}{filter}");

        string[] expected = [.. slow ? [fixture.Slow] : Array.Empty<string>(), .. fast ? [fixture.Fast] : Array.Empty<string>()];
        Assert.Equal(expected, found["data"]!.AsArray().Select(static trace => (string)trace!["traceID"]!));
        Assert.All(found["data"]!.AsArray(), static trace => Assert.Equal(3, trace!["spans"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_search_keeps_to_its_range()
    {
        JsonNode found = await fixture.GetAsync($"jaeger/api/traces?service={fixture.Shop}&start={fixture.Micros(-1)}&end={fixture.Micros(500)}");

        Assert.Equal(fixture.Fast, (string)Assert.Single(found["data"]!.AsArray())!["traceID"]!);
    }

    [Fact]
    public async Task A_search_by_an_attribute_that_is_rare_ends_after_so_many_traces()
    {
        string service = $"busy-{Guid.NewGuid():n}";
        JsonArray spans = [.. Enumerable.Range(0, 2_001).Select(number => Span(service, number))];
        spans[0]!["tags"] = new JsonObject { ["rare"] = "old" };
        spans[1_000]!["tags"] = new JsonObject { ["rare"] = "newer" };
        using HttpResponseMessage posted = await fixture.Service.Http.PostAsJsonAsync(new Uri("zipkin/api/v2/spans", UriKind.Relative), spans);
        posted.EnsureSuccessStatusCode();
        await Eventually.GetAsync(() => fixture.Service.TracesAsync($"service={service}&limit=500"), static found => found.Count == 2_001, "All sealed");

        Assert.Single((await fixture.GetAsync($"jaeger/api/traces?service={service}&tag=rare:newer"))["data"]!.AsArray());
        Assert.Empty((await fixture.GetAsync($"jaeger/api/traces?service={service}&tag=rare:old"))["data"]!.AsArray());
    }

    [Fact]
    public async Task Traces_come_by_their_ids()
    {
        JsonNode one = Assert.Single((await fixture.GetAsync($"jaeger/api/traces/{fixture.Slow}"))["data"]!.AsArray())!;
        Assert.Equal(2, one["processes"]!.AsObject().Count);
        Assert.Contains(one["spans"]!.AsArray(), static span => span!["tags"]!.AsArray().Any(static tag => (string)tag!["key"]! == "error" && (bool)tag["value"]!));
        Assert.Equal(2, (await fixture.GetAsync($"jaeger/api/traces?traceID={fixture.Slow}&traceID={fixture.Fast}"))["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task Calls_between_services_are_counted()
    {
        JsonArray calls = (await fixture.GetAsync("jaeger/api/dependencies"))["data"]!.AsArray();

        JsonNode call = calls.Single(call => (string)call!["parent"]! == fixture.Shop)!;
        Assert.Equal((fixture.Shop + "-payments", 2), ((string)call["child"]!, (int)call["callCount"]!));
    }

    [Theory]
    [InlineData("jaeger/api/traces", 400)]
    [InlineData("jaeger/api/traces?service=x&limit=0", 400)]
    [InlineData("jaeger/api/traces?service=x&limit=9999", 400)]
    [InlineData("jaeger/api/traces?service=x&tags=[]", 400)]
    [InlineData("jaeger/api/traces?service=x&tags=null", 400)]
    [InlineData("jaeger/api/traces?service=x&tags={\"order_id\":null}", 400)]
    [InlineData("jaeger/api/dependencies?endTs=1772128800000&lookback=2678400001", 400)]
    [InlineData("jaeger/api/traces?service=x&tag=novalue", 400)]
    [InlineData("jaeger/api/traces?service=x&start=yesterday", 400)]
    [InlineData("jaeger/api/traces?service=x&minDuration=long", 400)]
    [InlineData("jaeger/api/traces?traceID=xyz", 400)]
    [InlineData("jaeger/api/traces/xyz", 400)]
    [InlineData("jaeger/api/traces/1", 404)]
    [InlineData("jaeger/api/operations", 400)]
    public async Task What_is_wrong_is_a_problem(string path, int status)
    {
        using HttpResponseMessage response = await fixture.Service.Http.GetAsync(new Uri(path, UriKind.Relative));

        await RunningServicePosts.AssertProblemAsync(response, status);
    }

    /// <summary>A trace of one span; the higher the number, the newer.</summary>
    private JsonObject Span(string service, int number) => new JsonObject
    {
        ["traceId"] = Guid.NewGuid().ToString("n"),
        ["id"] = "000000000000000a",
        ["name"] = "busy",
        ["timestamp"] = fixture.Micros(number),
        ["duration"] = 1_000,
        ["localEndpoint"] = new JsonObject { ["serviceName"] = service },
    };

    private static IEnumerable<string> Texts(JsonNode answer) => answer["data"]!.AsArray().Select(static text => (string)text!);
}
