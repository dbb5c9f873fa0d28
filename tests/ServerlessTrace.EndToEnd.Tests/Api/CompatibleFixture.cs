using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Api;

/// <summary>A service with a fast order and a slow one that failed, both of a minute ago, posted as Zipkin's libraries do.</summary>
public sealed class CompatibleFixture : IAsyncLifetime
{
    private readonly ServiceFixture _service = new();
    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow.AddMinutes(-1);

    internal RunningService Service => _service.Service;

    /// <summary>A name that no other test uses; its payments service ends in <c>-payments</c>.</summary>
    public string Shop { get; } = $"shop-{Guid.NewGuid():n}";

    public string Fast { get; } = Guid.NewGuid().ToString("n");

    public string Slow { get; } = Guid.NewGuid().ToString("n");

    /// <summary>A moment in µs since 1970, counted from when the orders began.</summary>
    public long Micros(int ms = 0) => (_start.AddMilliseconds(ms) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public async Task InitializeAsync()
    {
        await _service.InitializeAsync();
        JsonArray spans = [.. Order(Fast, 0, 40, failed: false), .. Order(Slow, 1_000, 900, failed: true)];
        using HttpResponseMessage response = await Service.Http.PostAsJsonAsync(new Uri("zipkin/api/v2/spans", UriKind.Relative), spans);
        response.EnsureSuccessStatusCode();
        await Eventually.GetAsync(() => Service.TracesAsync($"service={Shop}"), found => found.Count == 2, "Both orders found");
    }

    public Task DisposeAsync() => _service.DisposeAsync();

    public async Task<JsonNode> GetAsync(string path)
    {
        using HttpResponseMessage response = await Service.Http.GetAsync(new Uri(path, UriKind.Relative));
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }

    private JsonObject[] Order(string trace, int atMs, int lastsMs, bool failed)
    {
        JsonObject root = Span(trace, "000000000000000a", null, Shop, "post /orders", "SERVER", atMs, lastsMs);
        JsonObject call = Span(trace, "000000000000000b", "000000000000000a", Shop, "charge", "CLIENT", atMs + 1, lastsMs - 10);
        call["remoteEndpoint"] = new JsonObject { ["serviceName"] = Shop + "-payments" };
        JsonObject called = Span(trace, "000000000000000c", "000000000000000b", Shop + "-payments", "charge card", "SERVER", atMs + 2, lastsMs - 20);
        called["tags"] = new JsonObject { ["card.brand"] = failed ? "visa" : "amex" };
        if (failed)
        {
            called["tags"]!["error"] = "card declined";
        }

        return [root, call, called];
    }

    private JsonObject Span(string trace, string id, string? parent, string service, string name, string kind, int atMs, int lastsMs)
    {
        var span = new JsonObject
        {
            ["traceId"] = trace,
            ["id"] = id,
            ["name"] = name,
            ["kind"] = kind,
            ["timestamp"] = Micros(atMs),
            ["duration"] = lastsMs * 1_000,
            ["localEndpoint"] = new JsonObject { ["serviceName"] = service },
        };
        if (parent is not null)
        {
            span["parentId"] = parent;
        }

        return span;
    }
}
