using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>A service on a storage of its own, that may call loopback and does not wait long between attempts.</summary>
public abstract class WebhookFixture(DurableBackend backend) : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    internal static Dictionary<string, string> Settings => new()
    {
        ["Webhooks:AllowedHosts:0"] = "127.0.0.1",
        ["Webhooks:FirstRetry"] = "00:00:00.200",
        ["Webhooks:LongestRetry"] = "00:00:01",
        ["Webhooks:Timeout"] = "00:00:05",
        ["Webhooks:TurnWait"] = "00:00:00.100",
    };

    /// <summary>The same as environment variables of a host's process.</summary>
    internal static IEnumerable<(string Name, string Value)> Environment =>
        Settings.Select(static pair => (pair.Key.Replace(":", "__", StringComparison.Ordinal), pair.Value));

    internal RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        Service = await RunningService.StartAsync(_azurite.ConnectionString, backend, Settings);
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _azurite.DisposeAsync();
    }
}

public sealed class WebhookOnTableFixture() : WebhookFixture(DurableBackend.Table);

public sealed class WebhookOnAzureStorageFixture() : WebhookFixture(DurableBackend.AzureStorage);
