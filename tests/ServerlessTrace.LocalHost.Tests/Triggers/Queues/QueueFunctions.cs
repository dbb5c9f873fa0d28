using System.Collections.Concurrent;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Tests.Hosting;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Queues;

public sealed class QueueFunctions(Calls calls)
{
    [Function("Text")]
    public void Text([QueueTrigger("%place%-text")] string message) => calls.Add($"text:{message}");

    [Function("Bytes")]
    public Task Bytes([QueueTrigger("%place%-bytes")] BinaryData message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        calls.Add($"bytes:{message.ToArray().Length}");
        return Task.CompletedTask;
    }

    [Function("Message")]
    public async ValueTask Message([QueueTrigger("%place%-message")] QueueMessage message)
    {
        await Task.Yield();
        calls.Add($"message:{message.MessageText}:{message.DequeueCount}");
        if (message.MessageText == "bad" || (message.MessageText == "weak" && message.DequeueCount < 3))
        {
            throw new InvalidOperationException("asked to fail");
        }
    }
}

public sealed class SlowQueueFunctions(Calls calls, SlowQueueFunctions.Doors doors)
{
    [Function("Slow")]
    public async Task Slow([QueueTrigger("%place%-slow")] string message, CancellationToken cancellationToken)
    {
        calls.Add($"begin:{message}");
        await doors.Of(message).Task.WaitAsync(cancellationToken);
        calls.Add($"end:{message}");
    }

    public sealed class Doors
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _doors = new();

        public TaskCompletionSource Of(string message) =>
            _doors.GetOrAdd(message, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
