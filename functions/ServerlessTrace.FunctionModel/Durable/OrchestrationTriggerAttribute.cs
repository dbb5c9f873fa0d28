namespace ServerlessTrace.FunctionModel;

/// <summary>Runs the function as an orchestrator: deterministic, replayed from its history.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrchestrationTriggerAttribute : Attribute
{
    /// <summary>The orchestrator's name; the function's name where null.</summary>
    public string? Orchestration { get; set; }
}
