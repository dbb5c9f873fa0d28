using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>One service on one Azurite for all tests that only need traces of their own.</summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    private readonly AzuriteFixture _azurite = new();

    internal RunningService Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        Service = await RunningService.StartAsync(
            _azurite.ConnectionString, new Dictionary<string, string> { ["Seal:Window"] = "00:00:00.500", ["Seal:QuietPeriod"] = "00:00:04" });
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _azurite.DisposeAsync();
    }
}
