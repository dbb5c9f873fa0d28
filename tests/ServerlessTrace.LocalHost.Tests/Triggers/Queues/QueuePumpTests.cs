using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.LocalHost.Triggers.Queues;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Queues;

public sealed class QueuePumpTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task The_lock_of_a_message_is_renewed_while_it_is_worked_on()
    {
        QueueClient queue = await storage.Queues.CreateQueueAsync(AzuriteFixture.NewName());
        var calls = new Calls();
        using var pump = new QueuePump(
            OptionsFor(queue) with { Lock = TimeSpan.FromSeconds(1) },
            async (message, cancel) =>
            {
                calls.Add($"begin:{message.DequeueCount}");
                await Task.Delay(TimeSpan.FromSeconds(3), cancel);
                calls.Add("end");
            },
            NullLogger.Instance);
        pump.Start();

        await queue.SendMessageAsync("x");
        await calls.WaitForAsync("end");
        await pump.StopTakingAsync();
        await pump.DrainAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(["begin:1", "end"], calls.All);
        Assert.Equal(0, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task A_message_that_a_killed_host_held_comes_back()
    {
        QueueClient queue = await storage.Queues.CreateQueueAsync(AzuriteFixture.NewName());
        await queue.SendMessageAsync("x");
        await queue.ReceiveMessageAsync(TimeSpan.FromSeconds(1));
        var calls = new Calls();
        using var pump = new QueuePump(OptionsFor(queue), (message, _) => Note(calls, $"run:{message.DequeueCount}"), NullLogger.Instance);
        pump.Start();

        await calls.WaitForAsync("run:2");
        await pump.StopTakingAsync();
    }

    [Fact]
    public async Task A_message_whose_lock_ran_out_while_it_is_worked_on_is_not_run_twice()
    {
        QueueClient queue = await storage.Queues.CreateQueueAsync(AzuriteFixture.NewName());
        var calls = new Calls();
        var lost = new TaskCompletionSource<QueueMessage>();
        var seenAgain = new TaskCompletionSource();
        using var pump = new QueuePump(
            OptionsFor(queue) with { BatchSize = 2, NewBatchThreshold = 1 },
            async (message, cancel) =>
            {
                calls.Add($"begin:{message.MessageText}:{message.DequeueCount}");
                if (message.MessageText == "long")
                {
                    lost.SetResult(message);
                    await seenAgain.Task.WaitAsync(cancel);
                }

                calls.Add($"end:{message.MessageText}");
            },
            NullLogger.Instance);
        pump.Start();
        await queue.SendMessageAsync("long");
        QueueMessage locked = await lost.Task;
        await queue.UpdateMessageAsync(locked.MessageId, locked.PopReceipt, locked.Body, TimeSpan.Zero);

        // Once it is hidden again, the pump has received it again.
        await Eventually.TrueAsync(async () => (await queue.PeekMessageAsync()).Value is null, () => "The message was not seen again.");
        seenAgain.SetResult();
        await calls.WaitForAsync("end:long");
        await pump.StopTakingAsync();
        await pump.DrainAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(["begin:long:1", "end:long"], calls.All);
        Assert.Equal(0, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task A_message_that_ended_its_host_too_often_is_not_run_again()
    {
        QueueClient queue = await storage.Queues.CreateQueueAsync(AzuriteFixture.NewName());
        await queue.SendMessageAsync("deadly");
        for (int i = 0; i < 2; i++)
        {
            QueueMessage message = await queue.ReceiveMessageAsync();
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        }

        QueuePumpOptions options = OptionsFor(queue) with { MaxDequeueCount = 2 };
        var calls = new Calls();
        using var pump = new QueuePump(options, (message, _) => Note(calls, "run"), NullLogger.Instance);
        pump.Start();

        await Eventually.TrueAsync(
            async () => await options.Poison.ExistsAsync() && (await options.Poison.PeekMessageAsync()).Value?.MessageText == "deadly",
            () => "Not in the poison queue.");
        await pump.StopTakingAsync();
        Assert.Empty(calls.All);
    }

    private static Task Note(Calls calls, string call)
    {
        calls.Add(call);
        return Task.CompletedTask;
    }

    private QueuePumpOptions OptionsFor(QueueClient queue) => new()
    {
        Name = "Test",
        Queue = queue,
        Poison = storage.Queues.GetQueueClient(queue.Name + "-poison"),
        BatchSize = 1,
        NewBatchThreshold = 0,
        MaxDequeueCount = 5,
        VisibilityTimeout = TimeSpan.Zero,
        MaxPollingInterval = TimeSpan.FromMilliseconds(200),
    };
}
