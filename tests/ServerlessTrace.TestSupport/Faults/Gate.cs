using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.TestSupport.Faults;

/// <summary>Storage that answers no write while it is closed.</summary>
internal sealed class Gate : HttpPipelinePolicy
{
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Gate() => _open.SetResult();

    /// <summary>Completed once a write waits.</summary>
    public Task Waiting => _waiting.Task;

    public void Close()
    {
        _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Open() => _open.TrySetResult();

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The product is asynchronous throughout.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (message.Request.Method != RequestMethod.Get && !_open.Task.IsCompleted)
        {
            _waiting.TrySetResult();
            await _open.Task.WaitAsync(message.CancellationToken);
        }

        await ProcessNextAsync(message, pipeline);
    }
}
