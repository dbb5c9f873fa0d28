using System.Collections.Concurrent;
using Grpc.Core;
using ServerlessTrace.Functions.Worker.Tests.Host.Messages;

namespace ServerlessTrace.Functions.Worker.Tests.Host;

/// <summary>The task hub as the worker's client finds it: it remembers what is to be started.</summary>
internal sealed class TaskHub : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    /// <summary>The instances that were started, oldest first.</summary>
    public ConcurrentQueue<CreateInstanceRequest> Started { get; } = new();

    public override Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context)
    {
        Started.Enqueue(request);
        return Task.FromResult(new CreateInstanceResponse { InstanceId = request.InstanceId });
    }
}
