namespace ServerlessTrace.FunctionModel;

/// <summary>The orchestration that called this one.</summary>
/// <param name="Name">Its orchestrator.</param>
/// <param name="InstanceId">Its instance.</param>
public record class ParentOrchestrationInstance(TaskName Name, string InstanceId);
