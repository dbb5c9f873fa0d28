using System.Collections.Concurrent;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>Several engines on one storage; engines that die, stall, and stop.</summary>
public sealed class SharingTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IAsyncLifetime
{
    private readonly EngineBed _bed = new(azurite);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Fact]
    public async Task Two_engines_share_the_work_and_each_instance_has_one_result()
    {
        var doneBy = new ConcurrentBag<string>();
        DurableTaskRegistry Registry(string host) => new DurableTaskRegistry()
            .Activity<int>("Work", async number =>
            {
                await Task.Delay(20);
                return number + 1;
            })
            .Orchestrator("Job", async context =>
            {
                int a = await context.CallActivityAsync<int>("Work", context.GetInput<int>());
                int[] b = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => context.CallActivityAsync<int>("Work", a + i)));
                if (!context.IsReplaying)
                {
                    doneBy.Add(host);
                }

                return b.Sum();
            });
        static void Small(DurableEngineOptions options)
        {
            options.MaxConcurrentOrchestrations = 2;
            options.MaxQueuePollingInterval = TimeSpan.FromMilliseconds(100);
        }

        DurableEngine first = await _bed.StartAsync(Registry("first"), Small);
        await _bed.StartAsync(Registry("second"), Small);

        string[] ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => EngineBed.BeginAsync(first, "Job", i)));
        OrchestrationMetadata[] ends = await Task.WhenAll(ids.Select(id => _bed.EndAsync(first, id)));

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{4 * (i + 2) + 6}"), ends.Select(end => end.SerializedOutput));
        Assert.Equal(30, doneBy.Count);
        Assert.Equal(["first", "second"], doneBy.Distinct().Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_killed_engine_left_another_continues(bool isReplacedAfterwards)
    {
        var stuck = new TaskCompletionSource<object?>();
        var calls = new ConcurrentQueue<string>();
        static void Impatient(DurableEngineOptions options)
        {
            options.LeaseDuration = TimeSpan.FromSeconds(1);
            options.RecoveryInterval = TimeSpan.FromMilliseconds(300);
            options.ResultCommitDelay = TimeSpan.Zero;
        }

        DurableTaskRegistry Registry(string host, Task<object?> second) => new DurableTaskRegistry()
            .Activity<string>("Step", name =>
            {
                calls.Enqueue($"{host}:{name}");
                return name == "two" ? second : Task.FromResult<object?>(name);
            })
            .Orchestrator("Steps", async context =>
                await context.CallActivityAsync<string>("Step", "one") + await context.CallActivityAsync<string>("Step", "two"));
        DurableEngine killed = await _bed.StartAsync(Registry("killed", stuck.Task), Impatient);
        Task<DurableEngine> Survivor() => _bed.StartAsync(Registry("survivor", Task.FromResult<object?>("two")), Impatient);
        DurableEngine? survivor = isReplacedAfterwards ? null : await Survivor();
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => EngineBed.BeginAsync(killed, "Steps")));
        await EngineBed.UntilAsync(() => calls.Count(call => call == "killed:two") == 5, "all reach the second step");

        await killed.AbandonAsync();
        survivor ??= await Survivor();

        foreach (string id in ids)
        {
            Assert.Equal("\"onetwo\"", (await _bed.EndAsync(survivor, id)).SerializedOutput);
        }

        Assert.DoesNotContain("survivor:one", calls);
    }

    [Fact]
    public async Task An_engine_that_lost_its_lease_cannot_commit()
    {
        var slow = new TaskCompletionSource<object?>();
        var clock = new StallableClock();
        static void Impatient(DurableEngineOptions options)
        {
            options.LeaseDuration = TimeSpan.FromSeconds(1);
            options.RecoveryInterval = TimeSpan.FromMilliseconds(300);
        }

        static DurableTaskRegistry Registry(Task<object?> result) => new DurableTaskRegistry()
            .Activity<int>("Slow", _ => result)
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Slow", 1));
        DurableEngine stalled = await _bed.StartAsync(Registry(slow.Task), Impatient, time: clock);
        string id = await EngineBed.BeginAsync(stalled, "Once");
        await EngineBed.UntilAsync(
            async () => (await stalled.Client.GetInstanceAsync(id))!.RuntimeStatus == OrchestrationRuntimeStatus.Running, "it runs");
        clock.Stall();
        DurableEngine other = await _bed.StartAsync(Registry(Task.FromResult<object?>("other")), Impatient);
        OrchestrationMetadata end = await _bed.EndAsync(other, id);

        slow.SetResult("stalled");
        await EngineBed.UntilAsync(() => stalled.Losses == 1, "the stalled engine notices");

        Assert.Equal("\"other\"", end.SerializedOutput);
        Assert.Equal("\"other\"", (await _bed.EndAsync(other, id)).SerializedOutput);
    }

    [Fact]
    public async Task A_stopping_engine_lets_activities_finish_and_hands_over()
    {
        var calls = new ConcurrentQueue<string>();
        var gate = new TaskCompletionSource<object?>();
        DurableTaskRegistry Registry(string host) => new DurableTaskRegistry()
            .Activity<string>("Step", name =>
            {
                calls.Enqueue($"{host}:{name}");
                return name == "one" ? gate.Task : Task.FromResult<object?>(2);
            })
            .Orchestrator("Steps", async context =>
                await context.CallActivityAsync<int>("Step", "one") + await context.CallActivityAsync<int>("Step", "two"));
        DurableEngine stopping = await _bed.StartAsync(Registry("stopping"));
        string id = await EngineBed.BeginAsync(stopping, "Steps");
        await EngineBed.UntilAsync(() => !calls.IsEmpty, "the first step runs");

        Task stop = stopping.StopAsync(CancellationToken.None);
        gate.SetResult(1);
        await stop;
        DurableEngine next = await _bed.StartAsync(Registry("next"));

        Assert.Equal("3", (await _bed.EndAsync(next, id)).SerializedOutput);
        Assert.Equal(["stopping:one", "next:two"], calls);
    }

    [Fact]
    public async Task Events_and_terminations_reach_an_instance_on_another_host()
    {
        var gate = new TaskCompletionSource<object?>();
        DurableTaskRegistry registry = new DurableTaskRegistry()
            .Activity<int>("Busy", _ => gate.Task)
            .Orchestrator("Listens", async context =>
            {
                Task busy = context.CallActivityAsync("Busy", 1);
                Task<string> answer = context.WaitForExternalEvent<string>("answer");
                await Task.WhenAny(busy, answer);
                return await answer;
            })
            .Orchestrator("Parks", async context => await context.WaitForExternalEvent<string>("answer"));
        DurableEngine owner = await _bed.StartAsync(registry);
        DurableEngine other = await _bed.StartAsync(registry);
        string listens = await EngineBed.BeginAsync(owner, "Listens");
        string parks = await EngineBed.BeginAsync(owner, "Parks");
        string ends = await EngineBed.BeginAsync(owner, "Listens");

        await other.Client.RaiseEventAsync(listens, "answer", "heard");
        await other.Client.RaiseEventAsync(parks, "answer", "heard");
        await other.Client.TerminateInstanceAsync(ends, null);

        Assert.Equal("\"heard\"", (await _bed.EndAsync(other, listens)).SerializedOutput);
        Assert.Equal("\"heard\"", (await _bed.EndAsync(other, parks)).SerializedOutput);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await _bed.EndAsync(other, ends)).RuntimeStatus);
        await EngineBed.UntilAsync(() => owner.Losses == 1, "the owner of the terminated instance lets go");
    }

    [Fact]
    public async Task A_long_wait_leaves_memory_and_whoever_is_there_continues()
    {
        DurableTaskRegistry registry = new DurableTaskRegistry()
            .Orchestrator("Waits", async context =>
            {
                await context.CreateTimer(TimeSpan.FromSeconds(1.5), CancellationToken.None);
                return "woken";
            });
        static void Evicting(DurableEngineOptions options) => options.EvictionThreshold = TimeSpan.FromMilliseconds(500);
        DurableEngine first = await _bed.StartAsync(registry, Evicting);
        string id = await EngineBed.BeginAsync(first, "Waits");
        await EngineBed.UntilAsync(() => first.InMemory == 0, "it leaves memory");
        await first.StopAsync(CancellationToken.None);
        DurableEngine second = await _bed.StartAsync(registry, Evicting);

        Assert.Equal("\"woken\"", (await _bed.EndAsync(second, id)).SerializedOutput);
    }
}
