using ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.EndToEnd.Tests.Alerting;

/// <summary>A service on a storage of its own that seals soon and may call loopback.</summary>
public abstract class AlertFixture(DurableBackend backend) : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    internal RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        Service = await RunningService.StartAsync(
            _azurite.ConnectionString,
            backend,
            new Dictionary<string, string>(WebhookFixture.Settings) { ["Seal:Window"] = "00:00:00.500", ["Seal:QuietPeriod"] = "00:00:02" });
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _azurite.DisposeAsync();
    }
}

public sealed class AlertOnTableFixture() : AlertFixture(DurableBackend.Table);

public sealed class AlertOnAzureStorageFixture() : AlertFixture(DurableBackend.AzureStorage);
