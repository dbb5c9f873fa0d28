using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable;
using ServerlessTrace.TestSupport.Azurite;
using DurableTaskRegistry = ServerlessTrace.LocalHost.Durable.DurableTaskRegistry;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>What orchestrators can do; each once kept in memory, once replayed from storage after every commit.</summary>
public sealed class OrchestrationTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IAsyncLifetime
{
    private readonly EngineBed _bed = new(azurite);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Activities_are_chained(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
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
        Assert.Equal("\"a!!!\"", end.SerializedOutput);
        Assert.Equal("\"a\"", end.SerializedInput);
    }

    [Theory]
    [InlineData(16, false)]
    [InlineData(16, true)]
    [InlineData(200, false)]
    [InlineData(200, true)]
    public async Task Activities_fan_out_and_in(int width, bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
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

        Assert.Equal($"{Enumerable.Range(0, width).Sum(i => i * i)}", end.SerializedOutput);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timers_fire_in_their_order_and_a_cancelled_one_never(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
            .Orchestrator("Timers", async context =>
            {
                DateTime start = context.CurrentUtcDateTime;
                using var cancelled = new CancellationTokenSource();
                Task late = context.CreateTimer(TimeSpan.FromMilliseconds(300), CancellationToken.None);
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
                return soonWon && wasCancelled && context.CurrentUtcDateTime - start >= TimeSpan.FromMilliseconds(300);
            }));

        Assert.Equal("true", (await _bed.RunAsync(engine, "Timers")).SerializedOutput);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failing_activity_is_retried_with_growing_pauses(bool replay)
    {
        var attempts = new List<long>();
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
            .Activity<int>("Flaky", _ =>
            {
                attempts.Add(Stopwatch.GetTimestamp());
                return attempts.Count < 3 ? throw new IOException("not yet") : "done";
            })
            .Orchestrator("Persistent", async context => await context.CallActivityAsync<string>(
                "Flaky", 1, TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(60), backoffCoefficient: 3)))));

        Assert.Equal("\"done\"", (await _bed.RunAsync(engine, "Persistent")).SerializedOutput);
        Assert.Equal(3, attempts.Count);
        Assert.True(Stopwatch.GetElapsedTime(attempts[0], attempts[1]) >= TimeSpan.FromMilliseconds(55));
        Assert.True(Stopwatch.GetElapsedTime(attempts[1], attempts[2]) >= TimeSpan.FromMilliseconds(175));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_reaches_the_orchestrator_and_where_it_is_not_caught_the_client(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
            .Activity<int>("Broken", object? (_) => throw new InvalidDataException("bad gzip"))
            .Orchestrator("Catches", async context =>
            {
                try
                {
                    await context.CallActivityAsync("Broken", 1);
                    return null;
                }
                catch (TaskFailedException failed)
                {
                    return $"{failed.TaskName}: {failed.FailureDetails}";
                }
            })
            .Orchestrator("Falls", async context =>
            {
                await context.CallActivityAsync("Broken", 1);
                return null;
            }));

        OrchestrationMetadata caught = await _bed.RunAsync(engine, "Catches");
        OrchestrationMetadata fallen = await _bed.RunAsync(engine, "Falls");

        Assert.Equal("\"Broken: System.IO.InvalidDataException: bad gzip\"", caught.SerializedOutput);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, fallen.RuntimeStatus);
        Assert.Equal(typeof(TaskFailedException).FullName, fallen.FailureDetails!.ErrorType);
        Assert.Equal("bad gzip", fallen.FailureDetails.InnerFailure!.ErrorMessage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_are_kept_until_waited_for_whatever_the_case_of_their_name(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
            .Orchestrator("Listens", async context =>
            {
                int go = await context.WaitForExternalEvent<int>("go");
                int first = await context.WaitForExternalEvent<int>("NUMBER");
                int second = await context.WaitForExternalEvent<int>("number");
                return new[] { go, first, second };
            }));
        string id = await EngineBed.BeginAsync(engine, "Listens");

        await engine.Client.RaiseEventAsync(id, "Number", 1);
        await engine.Client.RaiseEventAsync(id, "Number", 2);
        await engine.Client.RaiseEventAsync(id, "Go", 7);

        Assert.Equal("[7,1,2]", (await _bed.EndAsync(engine, id)).SerializedOutput);
    }

    [Fact]
    public async Task A_wait_for_an_event_ends_when_its_time_is_over()
    {
        DurableEngine engine = await StartAsync(true, new DurableTaskRegistry()
            .Orchestrator("Impatient", async context =>
            {
                using var over = new CancellationTokenSource();
                Task<string> answer = context.WaitForExternalEvent<string>("answer", over.Token);
                Task timeout = context.CreateTimer(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                bool timedOut = await Task.WhenAny(answer, timeout) == timeout;
                over.Cancel();
                return timedOut && answer.IsCanceled;
            }));

        Assert.Equal("true", (await _bed.RunAsync(engine, "Impatient")).SerializedOutput);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_continues_as_new_and_inherits_events(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
            .Activity<int>("Next", number => number + 1)
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
        await engine.Client.RaiseEventAsync(id, "early", "e");

        Assert.Equal("\"e5\"", (await _bed.EndAsync(engine, id)).SerializedOutput);
        Assert.Equal(1, await _bed.CountRowsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Orchestrations_call_orchestrations(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
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

        Assert.Equal("\"12 no zero for Parent\"", (await _bed.RunAsync(engine, "Parent")).SerializedOutput);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_orchestration_sends_an_event_to_another(bool replay)
    {
        DurableEngine engine = await StartAsync(replay, new DurableTaskRegistry()
            .Orchestrator("Receiver", async context => await context.WaitForExternalEvent<string>("greeting"))
            .Orchestrator("Sender", context =>
            {
                context.SendEvent(context.GetInput<string>()!, "greeting", "hello");
                return Task.FromResult<object?>("sent");
            }));
        string receiver = await EngineBed.BeginAsync(engine, "Receiver");

        Assert.Equal("\"sent\"", (await _bed.RunAsync(engine, "Sender", receiver)).SerializedOutput);
        Assert.Equal("\"hello\"", (await _bed.EndAsync(engine, receiver)).SerializedOutput);
    }

    [Fact]
    public async Task Ids_times_and_custom_status_replay_the_same()
    {
        var seen = new List<(Guid Id, DateTime Time, bool Replaying)>();
        DurableEngine engine = await StartAsync(true, new DurableTaskRegistry()
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

        Assert.Equal("true", end.SerializedOutput);
        Assert.Equal("\"whole\"", end.SerializedCustomStatus);
        Assert.True(seen.Count >= 3);
        Assert.Single(seen, observed => !observed.Replaying);
        Assert.Single(seen.Select(observed => (observed.Id, observed.Time)).Distinct());
    }

    [Fact]
    public async Task An_id_in_use_is_refused_and_an_ended_one_starts_anew()
    {
        var gate = new TaskCompletionSource<object?>();
        DurableEngine engine = await StartAsync(false, new DurableTaskRegistry()
            .Activity<int>("Wait", _ => gate.Task)
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Wait", 1)));
        await EngineBed.BeginAsync(engine, "Once", id: "window-1");
        DurableEngine other = await StartAsync(false, new DurableTaskRegistry());

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(engine, "Once", id: "window-1"));
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(other, "Once", id: "window-1"));
        gate.SetResult("first");
        OrchestrationMetadata first = await _bed.EndAsync(engine, "window-1");
        gate = new TaskCompletionSource<object?>();
        gate.SetResult("second");
        await EngineBed.BeginAsync(engine, "Once", id: "window-1");
        OrchestrationMetadata second = await _bed.EndAsync(engine, "window-1");

        Assert.Equal(("\"first\"", "\"second\""), (first.SerializedOutput, second.SerializedOutput));
    }

    [Fact]
    public async Task A_terminated_instance_stays_so_and_its_id_can_be_used_again()
    {
        var gate = new TaskCompletionSource<object?>();
        DurableEngine engine = await StartAsync(false, new DurableTaskRegistry()
            .Activity<int>("Wait", _ => gate.Task)
            .Orchestrator("Stuck", async context => await context.CallActivityAsync<string>("Wait", 1)));
        string id = await EngineBed.BeginAsync(engine, "Stuck");

        await engine.Client.TerminateInstanceAsync(id, "enough");
        gate.SetResult("too late");
        OrchestrationMetadata end = await _bed.EndAsync(engine, id);
        await EngineBed.BeginAsync(engine, "Stuck", id: id);

        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "\"enough\""), (end.RuntimeStatus, end.SerializedOutput));
        Assert.Equal("\"too late\"", (await _bed.EndAsync(engine, id)).SerializedOutput);
    }

    [Fact]
    public async Task Large_payloads_survive_and_too_large_ones_say_so()
    {
        string noise = Convert.ToBase64String(RandomNumberGenerator.GetBytes(700_000));
        DurableEngine engine = await StartAsync(true, new DurableTaskRegistry()
            .Activity<string>("Echo", text => text)
            .Activity<int>("Huge", _ => new string('x', 1_100_000))
            .Orchestrator("Carries", async context =>
            {
                string[] all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => context.CallActivityAsync<string>("Echo", context.GetInput<string>()![..300_000])));
                return string.Concat(all.Skip(2));
            })
            .Orchestrator("Asks", async context => await context.CallActivityAsync<string>("Huge", 1)));

        OrchestrationMetadata carried = await _bed.RunAsync(engine, "Carries", noise);
        OrchestrationMetadata refused = await _bed.RunAsync(engine, "Asks");

        Assert.Equal(string.Concat(Enumerable.Repeat(noise[..300_000], 3)), carried.SerializedOutput!.Trim('"').Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Contains("1100002 bytes", refused.FailureDetails!.InnerFailure!.ErrorMessage, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PayloadTooLargeException>(() => EngineBed.BeginAsync(engine, "Asks", new string('x', 1 << 20)));
    }

    [Fact]
    public async Task A_start_in_the_future_waits_for_its_time()
    {
        DurableEngine engine = await StartAsync(false, new DurableTaskRegistry()
            .Orchestrator("Later", context => Task.FromResult<object?>(context.CurrentUtcDateTime)));
        DateTimeOffset at = DateTimeOffset.UtcNow.AddSeconds(1);

        string id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Later", null, new StartOrchestrationOptions(null, at));
        OrchestrationMetadata before = (await engine.Client.GetInstanceAsync(id))!;
        OrchestrationMetadata end = await _bed.EndAsync(engine, id);

        Assert.Equal(OrchestrationRuntimeStatus.Pending, before.RuntimeStatus);
        Assert.True(end.LastUpdatedAt >= at);
    }

    [Fact]
    public async Task A_purge_leaves_no_rows_of_what_has_ended()
    {
        var never = new TaskCompletionSource<object?>();
        DurableEngine engine = await StartAsync(false, new DurableTaskRegistry()
            .Activity<string>("Echo", text => text)
            .Activity<string>("Never", _ => never.Task)
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Echo", context.GetInput<string>()))
            .Orchestrator("Stays", async context => await context.CallActivityAsync<string>("Never", "x")));
        string noise = Convert.ToBase64String(RandomNumberGenerator.GetBytes(60_000));
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 45).Select(_ => EngineBed.BeginAsync(engine, "Once", noise)));
        foreach (string id in ids)
        {
            await _bed.EndAsync(engine, id);
        }

        string stays = await EngineBed.BeginAsync(engine, "Stays");
        Assert.True(await _bed.CountRowsAsync() > 90, "Long logs are expected to have pages.");
        PurgeResult none = await engine.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(CreatedTo: DateTimeOffset.UtcNow.AddDays(-1)), default);
        PurgeResult all = await engine.Client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow, [OrchestrationRuntimeStatus.Completed]), default);

        Assert.Equal((0, 45), (none.PurgedInstanceCount, all.PurgedInstanceCount));
        Assert.Equal(1, await _bed.CountRowsAsync());
        Assert.Null(await engine.Client.GetInstanceAsync(ids[0]));
        Assert.NotNull(await engine.Client.GetInstanceAsync(stays));
    }

    private Task<DurableEngine> StartAsync(bool replay, DurableTaskRegistry registry) =>
        _bed.StartAsync(registry, options => options.ReplayAfterEveryCommit = replay);
}
