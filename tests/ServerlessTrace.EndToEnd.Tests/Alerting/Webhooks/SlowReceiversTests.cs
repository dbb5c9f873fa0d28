using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>Many slow receivers at once, on a service of their own: they keep it busy.</summary>
public sealed class SlowReceiversTests : IAsyncLifetime
{
    private const int SlowOnes = 20;
    private const int Alerts = 4;

    private readonly OwnAzurite _azurite = new();
    private RunningService _service = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string>(WebhookFixture.Settings) { ["Webhooks:Timeout"] = "00:01:30" });
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    [Fact]
    public async Task Many_slow_receivers_delay_no_other()
    {
        var release = new TaskCompletionSource();
        await using WebhookReceiver slow = await WebhookReceiver.StartAsync((_, _) => release.Task);
        await using WebhookReceiver fast = await WebhookReceiver.StartAsync();
        var slowOnes = new Subscriber(_service);
        for (int i = 0; i < SlowOnes; i++)
        {
            await slowOnes.SubscribeAsync(slow.Url);
        }

        await slowOnes.HandOverAsync(slowOnes.Alert("first"));
        await slowOnes.HandOverAsync(slowOnes.Alert("second"));
        await slow.ReceivedAsync(SlowOnes);

        // Each slow one holds an attempt, none has answered, and another gets all that it is told.
        var other = new Subscriber(_service);
        (string id, _) = await other.SubscribeAsync(fast.Url);
        for (int i = 0; i < Alerts; i++)
        {
            await other.HandOverAsync(other.Alert($"alert-{i}"));
        }

        await fast.ReceivedAsync(Alerts);
        await Eventually.GetAsync(() => other.DeliveriesAsync(id, "&state=delivered"), static delivered => delivered.Count == Alerts, "All delivered");
        release.SetResult();
    }
}
