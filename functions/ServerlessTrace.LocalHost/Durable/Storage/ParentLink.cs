namespace ServerlessTrace.LocalHost.Durable.Storage;

/// <summary>The task of another instance that a sub-orchestration answers to.</summary>
/// <param name="InstanceId">The calling instance.</param>
/// <param name="Name">Its orchestrator.</param>
/// <param name="ExecutionId">Its run.</param>
/// <param name="TaskId">The call, in that run.</param>
internal sealed record ParentLink(string InstanceId, string Name, string ExecutionId, int TaskId);
