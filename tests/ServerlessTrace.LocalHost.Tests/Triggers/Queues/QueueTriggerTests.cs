using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Queues;

public sealed class QueueTriggerTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task A_message_is_taken_as_text_bytes_or_message()
    {
        var app = new TestApp(storage, typeof(QueueFunctions));
        await using LocalFunctionHost host = await app.StartAsync();

        await QueueOf(app, "text").SendMessageAsync("{\"a\":\"ü\"}");
        await QueueOf(app, "bytes").SendMessageAsync("12345");
        await QueueOf(app, "message").SendMessageAsync("hello");

        await app.Calls.WaitForAsync("text:{\"a\":\"ü\"}", "bytes:5", "message:hello:1");
    }

    [Fact]
    public async Task A_message_that_was_worked_on_is_gone()
    {
        var app = new TestApp(storage, typeof(QueueFunctions));
        await using LocalFunctionHost host = await app.StartAsync();
        await QueueOf(app, "text").SendMessageAsync("once");
        await app.Calls.WaitForAsync("text:once");

        await host.StopAsync();

        QueueProperties queue = await QueueOf(app, "text").GetPropertiesAsync();
        Assert.Equal(0, queue.ApproximateMessagesCount);
        Assert.Equal(1, app.Calls.Count("text:once"));
    }

    [Fact]
    public async Task A_message_whose_function_failed_comes_again()
    {
        var app = new TestApp(storage, typeof(QueueFunctions));
        await using LocalFunctionHost host = await app.StartAsync();

        await QueueOf(app, "message").SendMessageAsync("weak");

        await app.Calls.WaitForAsync("message:weak:1", "message:weak:2", "message:weak:3");
        await Eventually.TrueAsync(async () => await CountAsync(QueueOf(app, "message")) == 0, () => "The message was not deleted.");
        Assert.False(await QueueOf(app, "message-poison").ExistsAsync());
    }

    [Fact]
    public async Task A_message_that_fails_five_times_goes_to_the_poison_queue()
    {
        var app = new TestApp(storage, typeof(QueueFunctions));
        await using LocalFunctionHost host = await app.StartAsync();

        await QueueOf(app, "message").SendMessageAsync("bad");

        QueueClient poison = QueueOf(app, "message-poison");
        await Eventually.TrueAsync(async () => await poison.ExistsAsync() && await CountAsync(poison) == 1, () => "Nothing in the poison queue.");
        Assert.Equal("bad", (await poison.PeekMessageAsync()).Value.MessageText);
        Assert.Equal(
            ["message:bad:1", "message:bad:2", "message:bad:3", "message:bad:4", "message:bad:5"],
            app.Calls.All);
        await Eventually.TrueAsync(async () => await CountAsync(QueueOf(app, "message")) == 0, () => "The message is still in its queue.");
    }

    [Fact]
    public async Task Base64_messages_are_decoded_where_host_json_says_so()
    {
        var app = new TestApp(storage, typeof(QueueFunctions)) { HostJson = """{"extensions":{"queues":{"maxPollingInterval":"00:00:00.2"}}}""" };
        await using LocalFunctionHost host = await app.StartAsync();

        await QueueOf(app, "text").SendMessageAsync(Convert.ToBase64String("plain"u8));

        await app.Calls.WaitForAsync("text:plain");
    }

    [Fact]
    public async Task Two_hosts_share_a_queue_and_lose_nothing()
    {
        var app = new TestApp(storage, typeof(QueueFunctions));
        await using LocalFunctionHost first = await app.StartAsync();
        await using LocalFunctionHost second = await app.StartAsync();

        string[] messages = [.. Enumerable.Range(0, 200).Select(i => $"m{i}")];
        await Parallel.ForEachAsync(messages, async (message, cancel) => await QueueOf(app, "text").SendMessageAsync(message, cancel));

        await app.Calls.WaitForAsync([.. messages.Select(message => $"text:{message}")]);
        Assert.Equal(messages.Length, app.Calls.All.Length);
    }

    [Fact]
    public async Task Stopping_takes_nothing_more_and_finishes_what_runs()
    {
        var app = new TestApp(storage, typeof(SlowQueueFunctions));
        await using LocalFunctionHost host = await app.StartAsync();
        await QueueOf(app, "slow").SendMessageAsync("first");
        await app.Calls.WaitForAsync("begin:first");

        Task stopping = host.StopAsync();
        await QueueOf(app, "slow").SendMessageAsync("second");
        Assert.False(stopping.IsCompleted);
        app.Doors.Of("first").SetResult();
        await stopping;

        Assert.Equal(["begin:first", "end:first"], app.Calls.All);
        Assert.Equal(1, await CountAsync(QueueOf(app, "slow")));
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_cancelled_and_runs_elsewhere()
    {
        var app = new TestApp(storage, typeof(SlowQueueFunctions)) { DrainLimit = TimeSpan.FromMilliseconds(200) };
        await using LocalFunctionHost host = await app.StartAsync();
        await QueueOf(app, "slow").SendMessageAsync("long");
        await app.Calls.WaitForAsync("begin:long");

        await host.StopAsync();
        app.Doors.Of("long").SetResult();
        await using LocalFunctionHost next = await app.StartAsync();

        await app.Calls.WaitForAsync("end:long");
        Assert.Equal(["begin:long", "begin:long", "end:long"], app.Calls.All);
    }

    [Fact]
    public async Task Nothing_is_taken_while_intake_is_refused()
    {
        var app = new TestApp(storage, typeof(QueueFunctions)) { Refusal = "full" };
        await using LocalFunctionHost host = await app.StartAsync();
        await QueueOf(app, "text").SendMessageAsync("later");
        long before = host.StorageRequests.Total;
        await QueueOf(app, "bytes").SendMessageAsync("x");
        Assert.Equal(before, host.StorageRequests.Total);

        app.Refusal = null;

        await app.Calls.WaitForAsync("text:later");
    }

    private static async Task<int> CountAsync(QueueClient queue)
    {
        QueueProperties properties = await queue.GetPropertiesAsync();
        return properties.ApproximateMessagesCount;
    }

    private QueueClient QueueOf(TestApp app, string name) => storage.Queues.GetQueueClient($"{app.Place}-{name}");
}
