namespace ServerlessTrace.FunctionModel.Tests;

public class TaskOrchestrationContextTests
{
    private static readonly TaskOptions Retrying = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(1)));

    private readonly RecordingOrchestrationContext context = new();

    [Fact]
    public async Task Options_without_an_input_are_never_taken_for_the_input()
    {
        await context.CallActivityAsync("a", Retrying);
        await context.CallActivityAsync<int>("b", Retrying);
        await context.CallSubOrchestratorAsync("c", Retrying);
        await context.CallSubOrchestratorAsync<int>("d", Retrying);

        Assert.Equal([("a", null, Retrying), ("b", null, Retrying), ("c", null, Retrying), ("d", null, Retrying)], context.Calls);
    }

    [Fact]
    public async Task A_timer_of_a_delay_is_due_by_the_clock_of_the_orchestration()
    {
        var timer = context.CreateTimer(TimeSpan.FromSeconds(10), CancellationToken.None);
        context.Timer.SetResult();
        await timer;

        Assert.Equal(context.CurrentUtcDateTime.AddSeconds(10), context.TimerDue);
    }

    [Fact]
    public async Task An_event_that_comes_in_time_ends_the_wait_and_its_timer()
    {
        var wait = context.WaitForExternalEvent<string>("sealed", TimeSpan.FromSeconds(10));
        context.ExternalEvent.SetResult("now");

        Assert.Equal("now", await wait);
        Assert.True(context.TimerToken.IsCancellationRequested);
    }

    [Fact]
    public async Task An_event_that_does_not_come_in_time_cancels_the_wait()
    {
        var wait = context.WaitForExternalEvent<string>("sealed", TimeSpan.FromSeconds(10));
        context.Timer.SetResult();

        await Assert.ThrowsAsync<TaskCanceledException>(() => wait);
    }

    [Fact]
    public void Copied_options_keep_what_the_original_had()
    {
        var start = new StartOrchestrationOptions("42", DateTimeOffset.UnixEpoch);
        var tagged = Retrying with { Tags = new Dictionary<string, string> { ["shard"] = "7" } };

        Assert.Equal(start, new StartOrchestrationOptions(start));
        Assert.Equal("43", (start with { InstanceId = "43" }).InstanceId);
        Assert.Equal(start.StartAt, (start with { InstanceId = "43" }).StartAt);
        Assert.Same(Retrying.Retry, tagged.Retry);
        Assert.Equal("7", new TaskOptions(tagged).Tags?["shard"]);
    }
}
