using System.Diagnostics;
using System.Security.Cryptography;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Orchestrations;
using ServerlessTrace.TestSupport.Azurite;
using TaskFailedException = Microsoft.DurableTask.TaskFailedException;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>What orchestrators can do, on every backend.</summary>
public abstract class OrchestrationTests(AzuriteFixture azurite, TestedBackend backend) : IAsyncLifetime
{
    private readonly EngineBed _bed = new(azurite, backend);

    // Azure Storage counts time in whole seconds: its timers fire up to a second early.
    private TimeSpan Early => _bed.IsTable ? TimeSpan.Zero : TimeSpan.FromSeconds(1);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Fact]
    public async Task Activities_are_chained()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<string>("Append", text => text + "!")
            .Orchestrator("Chain", async context =>
            {
                string text = context.GetInput<string>()!;
                for (int i = 0; i < 3; i++)
                {
                    text = await context.CallActivityAsync<string>("append", text);
                }

                return text;
            }));

        OrchestrationMetadata end = await _bed.RunAsync(engine, "Chain", "a");

        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal("a!!!", end.ReadOutputAs<string>());
        Assert.Equal("a", end.ReadInputAs<string>());
    }

    [Theory]
    [InlineData(16)]
    [InlineData(100)]
    public async Task Activities_fan_out_and_in(int width)
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Square", async number =>
            {
                await Task.Yield();
                return number * number;
            })
            .Orchestrator("Fan", async context =>
            {
                int[] squares = await Task.WhenAll(
                    Enumerable.Range(0, context.GetInput<int>()).Select(i => context.CallActivityAsync<int>("Square", i)));
                return squares.Sum();
            }));

        OrchestrationMetadata end = await _bed.RunAsync(engine, "Fan", width);

        Assert.Equal(Enumerable.Range(0, width).Sum(i => i * i), end.ReadOutputAs<int>());
    }

    [Fact]
    public async Task Timers_fire_in_their_order_and_a_cancelled_one_never()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Timers", async context =>
            {
                DateTime start = context.CurrentUtcDateTime;
                using var cancelled = new CancellationTokenSource();
                Task late = context.CreateTimer(TimeSpan.FromMilliseconds(2300), CancellationToken.None);
                Task soon = context.CreateTimer(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                Task never = context.CreateTimer(TimeSpan.FromHours(1), cancelled.Token);
                bool soonWon = await Task.WhenAny(late, soon, never) == soon;
                cancelled.Cancel();
                bool wasCancelled = false;
                try
                {
                    await never;
                }
                catch (OperationCanceledException)
                {
                    wasCancelled = true;
                }

                await late;
                return soonWon && wasCancelled ? context.CurrentUtcDateTime - start : TimeSpan.Zero;
            }));

        TimeSpan waited = (await _bed.RunAsync(engine, "Timers")).ReadOutputAs<TimeSpan>();

        Assert.True(waited >= TimeSpan.FromMilliseconds(2300) - Early, $"It waited for {waited}.");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Timers_can_be_made_to_fire_early_and_late(int skew)
    {
        OrchestrationEngine engine = await _bed.StartAsync(
            new OrchestrationRegistry().Orchestrator("Waits", async context =>
            {
                DateTime start = context.CurrentUtcDateTime;
                await context.CreateTimer(TimeSpan.FromSeconds(3), CancellationToken.None);
                return context.CurrentUtcDateTime - start;
            }),
            skew: TimeSpan.FromSeconds(skew));

        TimeSpan waited = (await _bed.RunAsync(engine, "Waits")).ReadOutputAs<TimeSpan>();

        Assert.True(waited >= TimeSpan.FromSeconds(3 + skew) - Early, $"It waited for {waited}.");
        Assert.True(skew > 0 || waited < TimeSpan.FromSeconds(3) || !_bed.IsTable, $"It waited for {waited}.");
    }

    [Fact]
    public async Task A_failing_activity_is_retried_with_growing_pauses()
    {
        var attempts = new List<long>();
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Flaky", _ =>
            {
                attempts.Add(Stopwatch.GetTimestamp());
                return attempts.Count < 3 ? throw new IOException("not yet") : "done";
            })
            .Orchestrator("Persistent", async context => await context.CallActivityAsync<string>(
                "Flaky", 1, TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(400), backoffCoefficient: 3)))));

        Assert.Equal("done", (await _bed.RunAsync(engine, "Persistent")).ReadOutputAs<string>());
        Assert.Equal(3, attempts.Count);
        Assert.True(Stopwatch.GetElapsedTime(attempts[0], attempts[1]) >= TimeSpan.FromMilliseconds(395) - Early);
        Assert.True(Stopwatch.GetElapsedTime(attempts[1], attempts[2]) >= TimeSpan.FromMilliseconds(1195) - Early);
    }

    [Fact]
    public async Task A_failure_reaches_the_orchestrator_and_where_it_is_not_caught_the_client()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Broken", object? (_) => throw new InvalidDataException("bad gzip", new EndOfStreamException("cut off")))
            .Orchestrator("Catches", async context =>
            {
                try
                {
                    await context.CallActivityAsync("Broken", 1);
                    return null;
                }
                catch (TaskFailedException failed)
                {
                    return $"{failed.TaskName}: {failed.FailureDetails.ErrorType}: {failed.FailureDetails.ErrorMessage}";
                }
            })
            .Orchestrator("Falls", async context =>
            {
                await context.CallActivityAsync("Broken", 1);
                return null;
            }));

        OrchestrationMetadata caught = await _bed.RunAsync(engine, "Catches");
        OrchestrationMetadata fallen = await _bed.RunAsync(engine, "Falls");

        Assert.Equal("Broken: System.IO.InvalidDataException: bad gzip", caught.ReadOutputAs<string>());
        Assert.Equal(OrchestrationRuntimeStatus.Failed, fallen.RuntimeStatus);
        Assert.Equal(typeof(TaskFailedException).FullName, fallen.FailureDetails!.ErrorType);
        Assert.EndsWith("bad gzip", fallen.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Microsoft.DurableTask.TaskFailureDetails inner = fallen.FailureDetails.InnerFailure!;
        Assert.Equal((typeof(InvalidDataException).FullName, "bad gzip"), (inner.ErrorType, inner.ErrorMessage));
        Assert.Equal((typeof(EndOfStreamException).FullName, "cut off"), (inner.InnerFailure?.ErrorType, inner.InnerFailure?.ErrorMessage));
    }

    [Fact]
    public async Task What_no_host_knows_fails_instead_of_being_waited_for()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Asks", async context => await context.CallActivityAsync<string>("Unknown", 1))
            .Orchestrator("Calls", async context => await context.CallSubOrchestratorAsync<string>("Unknown", 1)));

        OrchestrationMetadata orchestrator = await _bed.RunAsync(engine, "Unknown");
        OrchestrationMetadata activity = await _bed.RunAsync(engine, "Asks");
        OrchestrationMetadata child = await _bed.RunAsync(engine, "Calls");

        Assert.Equal("This host has no orchestrator named 'Unknown'.", orchestrator.FailureDetails?.ErrorMessage);
        Assert.EndsWith("This host has no activity named 'Unknown'.", activity.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
        Assert.EndsWith("This host has no orchestrator named 'Unknown'.", child.FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Delay")]
    [InlineData("Later")]
    [InlineData("Elsewhere")]
    public async Task Waiting_for_what_is_not_durable_fails_with_the_reason(string orchestrator)
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Quick", _ => 1)
            .Orchestrator("Delay", async _ =>
            {
                await Task.Delay(100);
                return null;
            })
            .Orchestrator("Later", async context =>
            {
                await context.CallActivityAsync<int>("Quick", 1);
                await Task.Delay(100);
                return null;
            })
            .Orchestrator("Elsewhere", async context => await Task.Run(async () =>
            {
                await Task.Delay(10);
                return await context.CallActivityAsync<int>("Quick", 1);
            })));

        OrchestrationMetadata end = await _bed.RunAsync(engine, orchestrator);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("is not durable", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_kept_until_waited_for_whatever_the_case_of_their_name()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Listens", async context =>
            {
                int go = await context.WaitForExternalEvent<int>("go");
                int first = await context.WaitForExternalEvent<int>("NUMBER");
                int second = await context.WaitForExternalEvent<int>("number");
                return new[] { go, first, second };
            }));
        string id = await EngineBed.BeginAsync(engine, "Listens");
        await _bed.UntilStatusAsync(engine, id, OrchestrationRuntimeStatus.Running);

        await engine.Client.RaiseEventAsync(id, "Number", 1);
        await engine.Client.RaiseEventAsync(id, "Number", 2);
        await engine.Client.RaiseEventAsync(id, "Go", 7);

        int[] heard = (await _bed.EndAsync(engine, id)).ReadOutputAs<int[]>()!;
        Assert.Equal([7, 1, 2], heard);
    }

    [Fact]
    public async Task A_wait_for_an_event_ends_when_its_time_is_over()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Impatient", async context =>
            {
                try
                {
                    return await context.WaitForExternalEvent<string>("answer", TimeSpan.FromMilliseconds(100));
                }
                catch (OperationCanceledException)
                {
                    return "over";
                }
            }));

        Assert.Equal("over", (await _bed.RunAsync(engine, "Impatient")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_run_continues_as_new_and_inherits_events()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Next", async number =>
            {
                await Task.Delay(100);
                return number + 1;
            })
            .Orchestrator("Loop", async context =>
            {
                int round = await context.CallActivityAsync<int>("Next", context.GetInput<int>());
                if (round < 5)
                {
                    context.ContinueAsNew(round);
                    return null;
                }

                return await context.WaitForExternalEvent<string>("early") + round;
            }));
        string id = await EngineBed.BeginAsync(engine, "Loop", 0);
        await _bed.UntilStatusAsync(engine, id, OrchestrationRuntimeStatus.Running);
        await engine.Client.RaiseEventAsync(id, "early", "e");

        Assert.Equal("e5", (await _bed.EndAsync(engine, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Orchestrations_call_orchestrations()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Double", number => 2 * number)
            .Orchestrator("Child", async context =>
                context.GetInput<int>() == 0
                    ? throw new InvalidOperationException($"no zero for {context.Parent!.Name}")
                    : await context.CallActivityAsync<int>("Double", context.GetInput<int>()))
            .Orchestrator("Parent", async context =>
            {
                int[] doubled = await Task.WhenAll(Enumerable.Range(1, 3).Select(i => context.CallSubOrchestratorAsync<int>("Child", i)));
                try
                {
                    await context.CallSubOrchestratorAsync<int>("Child", 0);
                    return null;
                }
                catch (TaskFailedException failed)
                {
                    return $"{doubled.Sum()} {failed.FailureDetails.ErrorMessage}";
                }
            }));

        Assert.Equal("12 no zero for Parent", (await _bed.RunAsync(engine, "Parent")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_orchestration_sends_an_event_to_another()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Receiver", async context => await context.WaitForExternalEvent<string>("greeting"))
            .Orchestrator("Sender", context =>
            {
                context.SendEvent(context.GetInput<string>()!, "greeting", "hello");
                return Task.FromResult<object?>("sent");
            }));
        string receiver = await EngineBed.BeginAsync(engine, "Receiver");
        await _bed.UntilStatusAsync(engine, receiver, OrchestrationRuntimeStatus.Running);

        Assert.Equal("sent", (await _bed.RunAsync(engine, "Sender", receiver)).ReadOutputAs<string>());
        Assert.Equal("hello", (await _bed.EndAsync(engine, receiver)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Ids_times_and_custom_status_replay_the_same()
    {
        var seen = new List<(Guid Id, DateTime Time, bool Replaying)>();
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Nothing", _ => 0)
            .Orchestrator("Observes", async context =>
            {
                seen.Add((context.NewGuid(), context.CurrentUtcDateTime, context.IsReplaying));
                context.SetCustomStatus("half");
                await context.CallActivityAsync("Nothing", 0);
                await context.CallActivityAsync("Nothing", 0);
                context.SetCustomStatus("whole");
                return context.NewGuid() != seen[0].Id;
            }));

        OrchestrationMetadata end = await _bed.RunAsync(engine, "Observes");

        Assert.True(end.ReadOutputAs<bool>());
        Assert.Equal("whole", end.ReadCustomStatusAs<string>());
        Assert.Equal(backend == TestedBackend.Table ? 1 : 3, seen.Count);
        Assert.Single(seen, observed => !observed.Replaying);
        Assert.Single(seen.Select(observed => (observed.Id, observed.Time)).Distinct());
    }

    [Fact]
    public async Task An_id_in_use_is_refused_and_an_ended_one_starts_anew()
    {
        var gate = new TaskCompletionSource<object?>();
        OrchestrationRegistry registry = new OrchestrationRegistry()
            .Activity<int>("Wait", _ => gate.Task)
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Wait", 1));
        OrchestrationEngine engine = await _bed.StartAsync(registry);
        await EngineBed.BeginAsync(engine, "Once", id: "window-1");
        OrchestrationEngine other = await _bed.StartAsync(registry);

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(engine, "Once", id: "window-1"));
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(other, "Once", id: "window-1"));
        gate.SetResult("first");
        OrchestrationMetadata first = await _bed.EndAsync(engine, "window-1");
        gate = new TaskCompletionSource<object?>();
        gate.SetResult("second");
        await EngineBed.BeginAsync(engine, "Once", id: "window-1");
        OrchestrationMetadata second = await _bed.EndAsync(engine, "window-1");

        Assert.Equal(("first", "second"), (first.ReadOutputAs<string>(), second.ReadOutputAs<string>()));
    }

    [Fact]
    public async Task A_terminated_instance_stays_so_and_its_id_can_be_used_again()
    {
        var gate = new TaskCompletionSource<object?>();
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<int>("Wait", _ => gate.Task)
            .Orchestrator("Stuck", async context => await context.CallActivityAsync<string>("Wait", 1)));
        string id = await EngineBed.BeginAsync(engine, "Stuck");
        await _bed.UntilStatusAsync(engine, id, OrchestrationRuntimeStatus.Running);

        await engine.Client.TerminateInstanceAsync(id, "enough");
        OrchestrationMetadata end = await _bed.EndAsync(engine, id);
        gate.SetResult("too late");
        await EngineBed.BeginAsync(engine, "Stuck", id: id);

        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "enough"), (end.RuntimeStatus, end.ReadOutputAs<string>()));
        Assert.Equal("too late", (await _bed.EndAsync(engine, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_suspended_instance_goes_on_when_it_is_resumed()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Listens", async context => await context.WaitForExternalEvent<string>("go")));
        string id = await EngineBed.BeginAsync(engine, "Listens");
        await _bed.UntilStatusAsync(engine, id, OrchestrationRuntimeStatus.Running);

        await engine.Client.SuspendInstanceAsync(id, "wait");
        await _bed.UntilStatusAsync(engine, id, OrchestrationRuntimeStatus.Suspended);
        await engine.Client.RaiseEventAsync(id, "go", "gone");
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(engine, "Listens", id: id));
        await engine.Client.ResumeInstanceAsync(id, "go");

        Assert.Equal("gone", (await _bed.EndAsync(engine, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Large_payloads_and_long_histories_survive()
    {
        string noise = Convert.ToBase64String(RandomNumberGenerator.GetBytes(700_000));
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<string>("Echo", text => text)
            .Orchestrator("Carries", async context =>
            {
                string[] all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => context.CallActivityAsync<string>("Echo", context.GetInput<string>()![..300_000])));
                string last = await context.CallActivityAsync<string>("Echo", "last");
                return string.Concat(all.Skip(2)) + last;
            }));

        OrchestrationMetadata carried = await _bed.RunAsync(engine, "Carries", noise);

        Assert.Equal(string.Concat(Enumerable.Repeat(noise[..300_000], 3)) + "last", carried.ReadOutputAs<string>());
        Assert.Equal(noise, carried.ReadInputAs<string>());
    }

    [Fact]
    public async Task A_start_in_the_future_waits_for_its_time()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Later", context => Task.FromResult<object?>(context.CurrentUtcDateTime)));
        DateTimeOffset at = DateTimeOffset.UtcNow.AddSeconds(2);

        string id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Later", null, new StartOrchestrationOptions(null, at));
        OrchestrationMetadata before = (await engine.Client.GetInstanceAsync(id))!;
        OrchestrationMetadata end = await _bed.EndAsync(engine, id);

        Assert.Equal(OrchestrationRuntimeStatus.Pending, before.RuntimeStatus);
        Assert.True(end.LastUpdatedAt >= at - Early, $"It ended at {end.LastUpdatedAt:O}, before {at:O}.");
    }

    [Fact]
    public async Task Instances_are_found_by_status_and_id()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Ends", _ => Task.FromResult<object?>("end"))
            .Orchestrator("Stays", async context => await context.WaitForExternalEvent<string>("never")));
        foreach (string id in new[] { "a-1", "a-2", "b-1" })
        {
            await EngineBed.BeginAsync(engine, "Ends", "in", id);
            await _bed.EndAsync(engine, id);
        }

        await EngineBed.BeginAsync(engine, "Stays", id: "a-3");
        await _bed.UntilStatusAsync(engine, "a-3", OrchestrationRuntimeStatus.Running);
        var query = new OrchestrationQuery(Statuses: [OrchestrationRuntimeStatus.Completed], InstanceIdPrefix: "a-", FetchInputsAndOutputs: true);

        var found = new List<OrchestrationMetadata>();
        await foreach (OrchestrationMetadata instance in engine.Client.GetAllInstancesAsync(query))
        {
            found.Add(instance);
        }

        Assert.Equal(["a-1", "a-2"], found.Select(instance => instance.InstanceId).Order());
        Assert.All(found, instance => Assert.Equal(("Ends", "in", "end"), (instance.Name, instance.ReadInputAs<string>(), instance.ReadOutputAs<string>())));
    }

    [Fact]
    public async Task A_purge_deletes_what_has_ended()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Activity<string>("Echo", text => text)
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Echo", context.GetInput<string>()))
            .Orchestrator("Stays", async context => await context.WaitForExternalEvent<string>("never")));
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => EngineBed.BeginAsync(engine, "Once", "x")));
        foreach (string id in ids)
        {
            await _bed.EndAsync(engine, id);
        }

        string stays = await EngineBed.BeginAsync(engine, "Stays");
        await _bed.UntilStatusAsync(engine, stays, OrchestrationRuntimeStatus.Running);
        PurgeResult none = await engine.Client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(null, DateTimeOffset.UtcNow.AddDays(-1), [OrchestrationRuntimeStatus.Completed]), default);
        PurgeResult one = await engine.Client.PurgeInstanceAsync(ids[0]);
        PurgeResult running = await engine.Client.PurgeInstanceAsync(stays);
        PurgeResult all = await engine.Client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow, [OrchestrationRuntimeStatus.Completed]), default);

        Assert.Equal((0, 1, 0, 9), (none.PurgedInstanceCount, one.PurgedInstanceCount, running.PurgedInstanceCount, all.PurgedInstanceCount));
        Assert.Null(await engine.Client.GetInstanceAsync(ids[0]));
        Assert.Null(await engine.Client.GetInstanceAsync(ids[9]));
        Assert.NotNull(await engine.Client.GetInstanceAsync(stays));
    }

    [Fact]
    public async Task Code_that_changed_between_hosts_is_noticed()
    {
        var never = new TaskCompletionSource<object?>();
        OrchestrationEngine old = await _bed.StartAsync(
            new OrchestrationRegistry()
                .Activity<int>("Load", _ => 1)
                .Activity<int>("Seal", async (_, cancellationToken) => await never.Task.WaitAsync(cancellationToken))
                .Orchestrator("Window", async context =>
                {
                    await context.CallActivityAsync<int>("Load", 1);
                    return await context.CallActivityAsync<int>("Seal", 1);
                }),
            grace: TimeSpan.FromMilliseconds(50));
        string id = await EngineBed.BeginAsync(old, "Window");
        await _bed.UntilStatusAsync(old, id, OrchestrationRuntimeStatus.Running);
        await old.StopAsync(CancellationToken.None);

        OrchestrationEngine changed = await _bed.StartAsync(new OrchestrationRegistry()
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
    }
}

public sealed class OrchestrationsOnTableTests(AzuriteFixture azurite) : OrchestrationTests(azurite, TestedBackend.Table), IClassFixture<AzuriteFixture>;

public sealed class OrchestrationsReplayedTests(AzuriteFixture azurite) : OrchestrationTests(azurite, TestedBackend.ReplayingTable), IClassFixture<AzuriteFixture>;

public sealed class OrchestrationsOnAzureStorageTests(AzuriteFixture azurite)
    : OrchestrationTests(azurite, TestedBackend.AzureStorage), IClassFixture<AzuriteFixture>;
