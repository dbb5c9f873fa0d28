using System.Diagnostics;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>Orchestrators that cannot be replayed fail, and say why.</summary>
public sealed class DeterminismTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IAsyncLifetime
{
    private readonly EngineBed _bed = new(azurite);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Fact]
    public async Task Code_that_changed_between_hosts_is_noticed()
    {
        var never = new TaskCompletionSource<object?>();
        DurableEngine old = await _bed.StartAsync(
            new DurableTaskRegistry()
                .Activity<int>("Load", _ => 1)
                .Activity<int>("Seal", _ => never.Task)
                .Orchestrator("Window", async context =>
                {
                    await context.CallActivityAsync<int>("Load", 1);
                    return await context.CallActivityAsync<int>("Seal", 1);
                }),
            options => options.DrainGrace = TimeSpan.FromMilliseconds(50));
        string id = await EngineBed.BeginAsync(old, "Window");
        await EngineBed.UntilAsync(
            async () => (await old.Client.GetInstanceAsync(id))!.RuntimeStatus == OrchestrationRuntimeStatus.Running, "the window runs");
        await old.StopAsync(CancellationToken.None);

        DurableEngine changed = await _bed.StartAsync(new DurableTaskRegistry()
            .Activity<int>("Load", _ => 1)
            .Activity<int>("Seal", _ => 1)
            .Orchestrator("Window", async context =>
            {
                await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                return await context.CallActivityAsync<int>("Seal", 1);
            }));
        OrchestrationMetadata end = await _bed.EndAsync(changed, id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal(typeof(NonDeterministicOrchestrationException).FullName, end.FailureDetails!.ErrorType);
        Assert.Contains("recorded 'call activity 'Load' as task 1'", end.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("did 'create a timer as task 1'", end.FailureDetails.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Randomness_of_its_own_is_noticed_when_it_changes_what_an_orchestrator_does()
    {
        int runs = 0;
        DurableEngine engine = await _bed.StartAsync(
            new DurableTaskRegistry()
                .Activity<int>("Any1", _ => 1)
                .Activity<int>("Any2", _ => 1)
                .Orchestrator("Random", async context =>
                {
                    await context.CallActivityAsync(++runs % 2 == 1 ? "Any1" : "Any2", 1);
                    return await context.CallActivityAsync<int>("Any1", 1);
                }),
            options => options.ReplayAfterEveryCommit = true);

        OrchestrationMetadata end = await _bed.RunAsync(engine, "Random");

        Assert.Equal(typeof(NonDeterministicOrchestrationException).FullName, end.FailureDetails?.ErrorType);
    }

    [Theory]
    [InlineData("Delay", false)]
    [InlineData("Delay", true)]
    [InlineData("Aside", false)]
    [InlineData("Aside", true)]
    [InlineData("Cancel", false)]
    [InlineData("Cancel", true)]
    [InlineData("Parked", false)]
    [InlineData("Detached", false)]
    [InlineData("Elsewhere", false)]
    public async Task Waiting_for_anything_that_is_not_durable_fails_with_the_reason(string orchestrator, bool replay)
    {
        DurableEngine engine = await _bed.StartAsync(
            new DurableTaskRegistry()
                .Activity<int>("Quick", _ => 1)
                .Orchestrator("Delay", async _ =>
                {
                    await Task.Delay(1);
                    return null;
                })
                .Orchestrator("Aside", async context =>
                {
                    Task timer = context.CreateTimer(TimeSpan.FromSeconds(15), CancellationToken.None);
                    await Task.WhenAny(timer, Task.Delay(30));
                    return null;
                })
                .Orchestrator("Cancel", async context =>
                {
                    using var over = new CancellationTokenSource();
                    Task timer = context.CreateTimer(TimeSpan.FromSeconds(15), over.Token);
                    Task answer = context.WaitForExternalEvent<string>("answer", over.Token);
                    await context.CallActivityAsync("Quick", 1);
                    await over.CancelAsync();
                    await Task.WhenAny(timer, answer);
                    return null;
                })
                .Orchestrator("Parked", async context =>
                {
                    Task answer = context.WaitForExternalEvent<string>("answer");
                    await Task.WhenAny(answer, Task.Delay(300));
                    return null;
                })
                .Orchestrator("Detached", async context =>
                {
                    await context.CallActivityAsync("Quick", 1).ConfigureAwait(false);
                    return await context.CallActivityAsync<int>("Quick", 1);
                })
                .Orchestrator("Elsewhere", async context => await Task.Run(() => context.CallActivityAsync<int>("Quick", 1))),
            options => options.ReplayAfterEveryCommit = replay);
        long start = Stopwatch.GetTimestamp();

        OrchestrationMetadata end = await _bed.RunAsync(engine, orchestrator);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("is not durable", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(8), "It did not wait for the timer.");
    }
}
