using ServerlessTrace.LocalHost.Durable;
using ServerlessTrace.TestSupport.Azurite;
using Xunit.Abstractions;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>What an instance costs in storage requests, which count against the product's budget.</summary>
public sealed class StorageRequestTests(AzuriteFixture azurite, ITestOutputHelper output) : IClassFixture<AzuriteFixture>, IAsyncLifetime
{
    private readonly EngineBed _bed = new(azurite);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Fact]
    public async Task A_fan_out_of_16_costs_at_most_six_requests_from_start_to_end()
    {
        const int Instances = 20;
        var counter = new RequestCounter();
        DurableEngine engine = await _bed.StartAsync(
            new DurableTaskRegistry()
                .Activity<int>("Work", async number =>
                {
                    await Task.Delay(number);
                    return number;
                })
                .Orchestrator("Window", async context =>
                    (await Task.WhenAll(Enumerable.Range(0, 16).Select(i => context.CallActivityAsync<int>("Work", i)))).Sum()),
            options => options.MaxQueuePollingInterval = TimeSpan.FromMinutes(1),
            counter);
        await EngineBed.UntilAsync(() => counter.Requests.Any(request => request.Contains("/messages", StringComparison.Ordinal)), "the engine polls");
        DurableEngine client = await _bed.StartAsync(new DurableTaskRegistry(), options => options.MaxConcurrentOrchestrations = 0);
        int before = counter.Requests.Count;

        for (int i = 0; i < Instances; i++)
        {
            await _bed.EndAsync(client, await EngineBed.BeginAsync(engine, "Window"));
        }

        await EngineBed.UntilAsync(() => engine.InMemory == 0, "all have left memory");
        string[] requests = [.. counter.Requests.Skip(before).Where(request => !request.StartsWith("GET", StringComparison.Ordinal) || !request.EndsWith("/messages", StringComparison.Ordinal))];
        output.WriteLine($"{requests.Length / (double)Instances:0.0} requests an instance");
        Assert.True(requests.Length <= 6 * Instances, $"{requests.Length} requests: {string.Join('\n', requests.Take(20))}");
    }

    [Fact]
    public async Task A_second_start_of_a_running_instance_costs_nothing_where_it_runs()
    {
        var gate = new TaskCompletionSource<object?>();
        var counter = new RequestCounter();
        DurableEngine engine = await _bed.StartAsync(
            new DurableTaskRegistry()
                .Activity<int>("Wait", _ => gate.Task)
                .Orchestrator("Window", async context => await context.CallActivityAsync<int>("Wait", 1)),
            counter: counter);
        await EngineBed.BeginAsync(engine, "Window", id: "window-7");

        for (int i = 0; i < 50; i++)
        {
            await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(engine, "Window", id: "window-7"));
        }

        gate.SetResult(1);
        await _bed.EndAsync(engine, "window-7");
        Assert.InRange(counter.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal) && request.EndsWith("Instances", StringComparison.Ordinal)), 1, 1);
    }
}
