using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using ServerlessTrace.Functions.Worker.Tests.Host.Messages;

namespace ServerlessTrace.Functions.Worker.Tests.Host;

/// <summary>The one stream between host and worker: the host asks, the worker answers in its own time.</summary>
internal sealed class WorkerStream : FunctionRpc.FunctionRpcBase
{
    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _answers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the worker logged, newest last.</summary>
    public ConcurrentQueue<RpcLog> Logs { get; } = new();

    /// <summary>Ends once the worker is there.</summary>
    public Task Started => _started.Task;

    /// <summary>Sends a message and waits for the answer to it.</summary>
    public async Task<StreamingMessage> AskAsync(StreamingMessage message)
    {
        message.RequestId = message.InvocationRequest?.InvocationId ?? Guid.NewGuid().ToString();
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[message.RequestId] = answer;
        Send(message);
        return await answer.Task;
    }

    /// <summary>Sends a message that has no answer.</summary>
    public void Send(StreamingMessage message) => _toWorker.Writer.TryWrite(message);

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        Task sending = SendAsync(responseStream, context.CancellationToken);
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                Take(requestStream.Current);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The worker has ended.
        }

        _toWorker.Writer.TryComplete();
        await sending;
    }

    private async Task SendAsync(IServerStreamWriter<StreamingMessage> stream, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (StreamingMessage message in _toWorker.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(message, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or OperationCanceledException)
        {
            // The worker has ended.
        }
    }

    private void Take(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                _started.TrySetResult();
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                Logs.Enqueue(message.RpcLog);
                break;
            default:
                string request = message.InvocationResponse?.InvocationId ?? message.RequestId;
                if (_answers.TryRemove(request, out TaskCompletionSource<StreamingMessage>? answer))
                {
                    answer.SetResult(message);
                }

                break;
        }
    }
}
