using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

public sealed class OrchestrationFunctionTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task An_http_function_starts_an_orchestrator_that_calls_activities()
    {
        string hub = AzuriteFixture.NewName("hub");
        var app = new TestApp(storage, typeof(GreetingFunctions))
        {
            HostJson = """{"extensions":{"http":{"routePrefix":""},"durableTask":{"hubName":"HUB","storageProvider":{"maxQueuePollingInterval":"00:00:00.1"}}}}""".Replace("HUB", hub, StringComparison.Ordinal),
        };
        await using LocalFunctionHost host = await app.StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        HttpResponseMessage answer = await client.PostAsync("greetings/you", null);

        Assert.Equal("""Completed: ["Hello, you!","Bye, you!"]""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(["Hello", "Bye"], app.Calls.All);
    }
}
