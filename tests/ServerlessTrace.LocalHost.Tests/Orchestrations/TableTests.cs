using System.Collections.Concurrent;
using System.Text;
using Azure.Data.Tables;
using DurableTask.Core;
using DurableTask.Core.History;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Orchestrations;
using ServerlessTrace.LocalHost.Orchestrations.Table;
using ServerlessTrace.TestSupport.Azurite;
using Xunit.Abstractions;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>What the table backend promises besides: who owns what, what it costs, and what its JSON may create.</summary>
public sealed class TableTests(AzuriteFixture azurite, ITestOutputHelper output) : IClassFixture<AzuriteFixture>, IAsyncLifetime
{
    private readonly EngineBed _bed = new(azurite, TestedBackend.Table);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bed.CloseAsync();

    [Fact]
    public async Task A_second_host_takes_what_the_first_has_too_much_of()
    {
        var doneBy = new ConcurrentBag<string>();
        OrchestrationRegistry Registry(string host) => new OrchestrationRegistry()
            .Activity<int>("Work", async number =>
            {
                await Task.Delay(50);
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
        var small = new TableOrchestrationOptions
        {
            MaxConcurrentOrchestrations = 2,
            PollInterval = TimeSpan.FromMilliseconds(100),
            SharedPollInterval = TimeSpan.FromMilliseconds(100),
        };
        OrchestrationEngine first = await _bed.StartAsync(Registry("first"), small);
        await _bed.StartAsync(Registry("second"), small);

        string[] ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => EngineBed.BeginAsync(first, "Job", i)));
        OrchestrationMetadata[] ends = await Task.WhenAll(ids.Select(id => _bed.EndAsync(first, id)));

        Assert.Equal(Enumerable.Range(0, 30).Select(i => (4 * (i + 2)) + 6), ends.Select(end => end.ReadOutputAs<int>()));
        Assert.Equal(30, doneBy.Count);
        Assert.Equal(["first", "second"], doneBy.Distinct().Order());
    }

    [Fact]
    public async Task A_host_that_was_stalled_cannot_write_what_another_has_taken_over()
    {
        var slow = new TaskCompletionSource<object?>();
        var clock = new StallableClock();
        var impatient = new TableOrchestrationOptions
        {
            LeaseDuration = TimeSpan.FromSeconds(1),
            PollInterval = TimeSpan.FromMilliseconds(200),
            SharedPollInterval = TimeSpan.FromMilliseconds(200),
        };
        static OrchestrationRegistry Registry(Task<object?> result) => new OrchestrationRegistry()
            .Activity<int>("Slow", _ => result)
            .Orchestrator("Once", async context => await context.CallActivityAsync<string>("Slow", 1));
        OrchestrationEngine stalled = await _bed.StartAsync(Registry(slow.Task), impatient, time: clock);
        string id = await EngineBed.BeginAsync(stalled, "Once");
        await _bed.UntilStatusAsync(stalled, id, OrchestrationRuntimeStatus.Running);
        clock.Stall();
        OrchestrationEngine other = await _bed.StartAsync(Registry(Task.FromResult<object?>("other")), impatient);
        OrchestrationMetadata end = await _bed.EndAsync(other, id);

        slow.SetResult("stalled");
        await _bed.UntilAsync(() => _bed.Trouble.Contains("was taken over by another host", StringComparison.Ordinal), "the stalled engine notices");

        Assert.Equal("other", end.ReadOutputAs<string>());
        Assert.Equal("other", (await _bed.EndAsync(other, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_long_wait_leaves_memory_and_any_host_continues()
    {
        OrchestrationRegistry registry = new OrchestrationRegistry()
            .Orchestrator("Waits", async context =>
            {
                await context.CreateTimer(TimeSpan.FromSeconds(1.5), CancellationToken.None);
                return context.CurrentUtcDateTime;
            });
        var parking = new TableOrchestrationOptions { ParkThreshold = TimeSpan.FromMilliseconds(500), PollInterval = TimeSpan.FromMilliseconds(100) };
        OrchestrationEngine first = await _bed.StartAsync(registry, parking);
        string id = await EngineBed.BeginAsync(first, "Waits");
        await _bed.UntilStatusAsync(first, id, OrchestrationRuntimeStatus.Running);
        Assert.Equal(new InstanceHubRows(1, 0), await _bed.RowsAsync());
        await first.StopAsync(CancellationToken.None);
        OrchestrationEngine second = await _bed.StartAsync(registry, parking);

        OrchestrationMetadata end = await _bed.EndAsync(second, id);

        TimeSpan waited = end.ReadOutputAs<DateTime>() - end.CreatedAt.UtcDateTime;
        Assert.InRange(waited, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_message_for_an_instance_that_waits_for_its_start_is_kept_and_ending_it_does_not_wait()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Listens", async context => await context.WaitForExternalEvent<string>("answer")));
        async Task<string> BeginAsync(double seconds) => await engine.Client.ScheduleNewOrchestrationInstanceAsync(
            "Listens", null, new StartOrchestrationOptions(null, DateTimeOffset.UtcNow.AddSeconds(seconds)));
        string soon = await BeginAsync(1);
        string[] later = [await BeginAsync(20), await BeginAsync(3600)];

        await engine.Client.RaiseEventAsync(soon, "answer", "early");
        foreach (string id in later)
        {
            await engine.Client.TerminateInstanceAsync(id, "enough");
            Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await _bed.EndAsync(engine, id)).RuntimeStatus);
        }

        Assert.Equal("early", (await _bed.EndAsync(engine, soon)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_large_instance_spills_to_a_blob_that_goes_with_it()
    {
        OrchestrationEngine engine = await _bed.StartAsync(new OrchestrationRegistry()
            .Orchestrator("Large", context => Task.FromResult<object?>(context.GetInput<string>())));
        byte[] noise = new byte[2_000_000];
        Random.Shared.NextBytes(noise);
        string id = await EngineBed.BeginAsync(engine, "Large", Convert.ToBase64String(noise));
        await _bed.EndAsync(engine, id);
        int blobs = _bed.Spills.GetBlobs().Count();

        await engine.Client.PurgeInstanceAsync(id);

        Assert.Equal((1, 0), (blobs, _bed.Spills.GetBlobs().Count()));
    }

    [Fact]
    public async Task A_damaged_history_fails_its_instance_and_no_other()
    {
        OrchestrationRegistry registry = new OrchestrationRegistry()
            .Orchestrator("Listens", async context => await context.WaitForExternalEvent<string>("answer"));
        OrchestrationEngine first = await _bed.StartAsync(registry);
        string[] ids = [await EngineBed.BeginAsync(first, "Listens"), await EngineBed.BeginAsync(first, "Listens")];
        foreach (string id in ids)
        {
            await _bed.UntilStatusAsync(first, id, OrchestrationRuntimeStatus.Running);
        }

        await first.StopAsync(CancellationToken.None);
        var body = new InstanceBody(Encoding.UTF8.GetBytes("{\"EventType\":99,\"$type\":\"System.IO.FileInfo\"}\n"), [], [], null);
        await _bed.Table.UpdateEntityAsync(
            new TableEntity("instances", ids[0]) { ["Body0"] = body.Compress() }, Azure.ETag.All, TableUpdateMode.Merge);
        OrchestrationEngine second = await _bed.StartAsync(registry);
        await second.Client.RaiseEventAsync(ids[0], "answer", "x");
        await second.Client.RaiseEventAsync(ids[1], "answer", "x");

        Assert.Contains("damaged", (await _bed.EndAsync(second, ids[0])).FailureDetails?.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("x", (await _bed.EndAsync(second, ids[1])).ReadOutputAs<string>());
    }

    [Fact]
    public void Json_of_every_kind_of_event_creates_that_event_and_names_no_type()
    {
        HistoryEvent[] events =
        [
            new ExecutionStartedEvent(-1, "\"2026-01-01T00:00:00Z\"")
            {
                Name = "2026-01-01T00:00:00Z",
                OrchestrationInstance = new OrchestrationInstance { InstanceId = "i", ExecutionId = "e" },
                ScheduledStartTime = DateTime.UtcNow,
                Tags = new Dictionary<string, string> { ["a"] = "b" },
            },
            new TaskScheduledEvent(1, "name", "", "[1]"),
            new TaskFailedEvent(-1, 1, "reason", null, new FailureDetails("t", "m", "s", new FailureDetails("t2", "m2", null, null, false), true)),
            new TimerCreatedEvent(2, DateTime.UtcNow),
            new TimerFiredEvent(-1, DateTime.UtcNow) { TimerId = 2 },
            new EventRaisedEvent(-1, "\"in\"") { Name = "e" },
            new ContinueAsNewEvent(3, "\"next\""),
            new ExecutionCompletedEvent(4, "\"out\"", OrchestrationStatus.Completed),
        ];
        var stream = new MemoryStream();

        HistoryJson.WriteLines(stream, events);
        HistoryEvent[] read = [.. HistoryJson.ReadLines<HistoryEvent>(stream.ToArray())];
        var again = new MemoryStream();
        HistoryJson.WriteLines(again, read);

        Assert.Equal(events.Select(happened => happened.GetType()), read.Select(happened => happened.GetType()));
        Assert.Equal(stream.ToArray(), again.ToArray());
        Assert.DoesNotContain("$type", Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
        Assert.Equal(("2026-01-01T00:00:00Z", "i", "e"), (((ExecutionStartedEvent)read[0]).Name,
            ((ExecutionStartedEvent)read[0]).OrchestrationInstance.InstanceId, ((ExecutionStartedEvent)read[0]).OrchestrationInstance.ExecutionId));
    }

    [Fact]
    public async Task A_fan_out_of_16_costs_at_most_five_requests_from_start_to_end()
    {
        const int Instances = 20;
        var storage = new KillSwitch();
        OrchestrationEngine engine = await _bed.StartAsync(
            new OrchestrationRegistry()
                .Activity<int>("Work", async number =>
                {
                    await Task.Delay(number);
                    return number;
                })
                .Orchestrator("Window", async context =>
                    (await Task.WhenAll(Enumerable.Range(0, 16).Select(i => context.CallActivityAsync<int>("Work", i)))).Sum()),
            new TableOrchestrationOptions { PollInterval = TimeSpan.FromMinutes(1) },
            storage);
        await _bed.RunAsync(engine, "Window");
        OrchestrationEngine client = await _bed.StartAsync(new OrchestrationRegistry(), new TableOrchestrationOptions { MaxConcurrentOrchestrations = 0 });
        int before = storage.Requests.Count;

        for (int i = 0; i < Instances; i++)
        {
            await _bed.EndAsync(client, await EngineBed.BeginAsync(engine, "Window"));
        }

        string[] requests = [.. storage.Requests.Skip(before)];
        output.WriteLine($"{requests.Length / (double)Instances:0.0} requests an instance");
        Assert.True(requests.Length <= 5 * Instances, $"{requests.Length} requests: {string.Join('\n', requests.Take(20))}");
    }

    [Fact]
    public async Task A_second_start_of_a_running_instance_costs_nothing_where_it_runs()
    {
        var gate = new TaskCompletionSource<object?>();
        var storage = new KillSwitch();
        OrchestrationEngine engine = await _bed.StartAsync(
            new OrchestrationRegistry()
                .Activity<int>("Wait", _ => gate.Task)
                .Orchestrator("Window", async context => await context.CallActivityAsync<int>("Wait", 1)),
            storage: storage);
        await EngineBed.BeginAsync(engine, "Window", id: "window-7");

        for (int i = 0; i < 50; i++)
        {
            await Assert.ThrowsAsync<DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException>(() => EngineBed.BeginAsync(engine, "Window", id: "window-7"));
        }

        gate.SetResult(1);
        await _bed.EndAsync(engine, "window-7");
        Assert.Single(storage.Requests, request => request.StartsWith("POST", StringComparison.Ordinal) && request.EndsWith("Orchestrations", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_idle_host_sends_at_most_18_requests_a_minute()
    {
        var storage = new KillSwitch();
        await _bed.StartAsync(
            new OrchestrationRegistry(),
            new TableOrchestrationOptions { LeaseDuration = TimeSpan.FromSeconds(3), PollInterval = TimeSpan.FromSeconds(0.5), SharedPollInterval = TimeSpan.FromSeconds(0.1) },
            storage);
        await Task.Delay(500);
        int before = storage.Requests.Count;

        await Task.Delay(3000);

        // Ten times as fast as by default: 3 s are half a minute.
        Assert.InRange(storage.Requests.Count - before, 5, 10);
    }
}
