using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Orchestrations;
using ServerlessTrace.LocalHost.Orchestrations.Table;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>Several engines on one storage, on every backend; engines that die and stop.</summary>
public abstract class SharingTests(AzuriteFixture azurite, TestedBackend backend) : IAsyncLifetime
{
    private static readonly TableOrchestrationOptions Impatient = new()
    {
        LeaseDuration = TimeSpan.FromSeconds(1),
        PollInterval = TimeSpan.FromMilliseconds(200),
        SharedPollInterval = TimeSpan.FromMilliseconds(200),
    };

    private readonly EngineBed _bed = new(azurite, backend);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_killed_engine_left_another_continues(bool isReplacedAfterwards)
    {
        var stuck = new TaskCompletionSource<object?>();
        var calls = new ConcurrentQueue<string>();
        var killed = new KillSwitch();
        OrchestrationRegistry Registry(string host, Task<object?> second) => new OrchestrationRegistry()
            .Activity<string>("Step", name =>
            {
                calls.Enqueue($"{host}:{name}");
                return name == "two" ? second : Task.FromResult<object?>(name);
            })
            .Orchestrator("Steps", async context =>
            {
                await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                return await context.CallActivityAsync<string>("Step", "one") + await context.CallSubOrchestratorAsync<string>("Child");
            })
            .Orchestrator("Child", async context => await context.CallActivityAsync<string>("Step", "two"));
        OrchestrationEngine first = await _bed.StartAsync(Registry("killed", stuck.Task), Impatient, killed);
        Task<OrchestrationEngine> Survivor() => _bed.StartAsync(Registry("survivor", Task.FromResult<object?>("two")), Impatient);
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => EngineBed.BeginAsync(first, "Steps")));
        await _bed.UntilAsync(() => calls.Count(call => call == "killed:two") == 5, "all reach the second step");
        OrchestrationEngine? survivor = isReplacedAfterwards ? null : await Survivor();

        killed.Kill();
        survivor ??= await Survivor();

        foreach (string id in ids)
        {
            Assert.Equal("onetwo", (await _bed.EndAsync(survivor, id)).ReadOutputAs<string>());
        }

        Assert.DoesNotContain("survivor:one", calls);
        stuck.SetResult("never seen");
    }

    [Fact]
    public async Task A_stopping_engine_lets_activities_finish_and_hands_over()
    {
        var calls = new ConcurrentQueue<string>();
        var gate = new TaskCompletionSource<object?>();
        OrchestrationRegistry Registry(string host) => new OrchestrationRegistry()
            .Activity<string>("Step", name =>
            {
                calls.Enqueue($"{host}:{name}");
                return name == "one" ? gate.Task : Task.FromResult<object?>(2);
            })
            .Orchestrator("Steps", async context =>
                await context.CallActivityAsync<int>("Step", "one") + await context.CallActivityAsync<int>("Step", "two"));
        OrchestrationEngine stopping = await _bed.StartAsync(Registry("stopping"));
        string id = await EngineBed.BeginAsync(stopping, "Steps");
        await _bed.UntilAsync(() => !calls.IsEmpty, "the first step runs");

        Task stop = stopping.StopAsync(CancellationToken.None);
        gate.SetResult(1);
        await stop;
        OrchestrationEngine next = await _bed.StartAsync(Registry("next"));

        Assert.Equal(3, (await _bed.EndAsync(next, id)).ReadOutputAs<int>());
        Assert.Equal(["stopping:one", "next:two"], calls);
    }

    [Fact]
    public async Task Activities_that_do_not_end_are_cancelled_at_shutdown_and_run_elsewhere()
    {
        var begun = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        OrchestrationEngine stopping = await _bed.StartAsync(
            new OrchestrationRegistry()
                .Activity<int>("Slow", async (_, cancellationToken) =>
                {
                    begun.SetResult();
                    await using CancellationTokenRegistration heard = cancellationToken.Register(cancelled.SetResult);
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return null;
                })
                .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Slow", 1)),
            grace: TimeSpan.FromMilliseconds(100));
        string id = await EngineBed.BeginAsync(stopping, "Once");
        await begun.Task;

        long start = Stopwatch.GetTimestamp();
        await stopping.StopAsync(CancellationToken.None);
        TimeSpan stop = Stopwatch.GetElapsedTime(start);
        OrchestrationEngine next = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Slow", _ => "next")
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Slow", 1)));

        Assert.Equal("next", (await _bed.EndAsync(next, id)).ReadOutputAs<string>());
        Assert.True(cancelled.Task.IsCompleted);
        Assert.True(stop < TimeSpan.FromSeconds(10), $"It took {stop} to stop.");
    }

    [Fact]
    public async Task Messages_reach_an_instance_on_another_host()
    {
        var gate = new TaskCompletionSource<object?>();
        OrchestrationRegistry registry = new OrchestrationRegistry()
            .Activity<int>("Busy", _ => gate.Task)
            .Orchestrator("Listens", async context =>
            {
                Task busy = context.CallActivityAsync("Busy", 1);
                string answer = await context.WaitForExternalEvent<string>("answer");
                await busy;
                return answer;
            })
            .Orchestrator("Parks", async context => await context.WaitForExternalEvent<string>("answer"));
        OrchestrationEngine owner = await _bed.StartAsync(registry);
        OrchestrationEngine other = await _bed.StartAsync(registry);
        string listens = await EngineBed.BeginAsync(owner, "Listens");
        string parks = await EngineBed.BeginAsync(owner, "Parks");
        string ends = await EngineBed.BeginAsync(owner, "Listens");
        foreach (string id in new[] { listens, parks, ends })
        {
            await _bed.UntilStatusAsync(owner, id, OrchestrationRuntimeStatus.Running);
        }

        await other.Client.SuspendInstanceAsync(listens);
        await _bed.UntilStatusAsync(other, listens, OrchestrationRuntimeStatus.Suspended);
        await other.Client.RaiseEventAsync(listens, "answer", "heard");
        await other.Client.ResumeInstanceAsync(listens);
        await other.Client.RaiseEventAsync(parks, "answer", "heard");
        await other.Client.TerminateInstanceAsync(ends, "enough");
        await _bed.UntilStatusAsync(other, listens, OrchestrationRuntimeStatus.Running);
        OrchestrationMetadata ended = await _bed.EndAsync(other, ends);
        gate.SetResult(null);

        Assert.Equal("heard", (await _bed.EndAsync(other, listens)).ReadOutputAs<string>());
        Assert.Equal("heard", (await _bed.EndAsync(other, parks)).ReadOutputAs<string>());
        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "enough"), (ended.RuntimeStatus, ended.ReadOutputAs<string>()));
        Assert.Equal(1, (await other.Client.PurgeInstanceAsync(parks)).PurgedInstanceCount);
        Assert.Null(await owner.Client.GetInstanceAsync(parks));
    }
}

public sealed class SharingTableTests(AzuriteFixture azurite) : SharingTests(azurite, TestedBackend.Table), IClassFixture<AzuriteFixture>;

public sealed class SharingAzureStorageTests(AzuriteFixture azurite) : SharingTests(azurite, TestedBackend.AzureStorage), IClassFixture<AzuriteFixture>;
