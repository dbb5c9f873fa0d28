namespace ServerlessTrace.FunctionModel;

/// <summary>How an orchestration instance is started.</summary>
/// <param name="InstanceId">The instance's id; a new one where null.</param>
/// <param name="StartAt">When it starts; at once where null.</param>
public record class StartOrchestrationOptions(string? InstanceId = null, DateTimeOffset? StartAt = null)
{
    /// <summary>A copy.</summary>
    public StartOrchestrationOptions(StartOrchestrationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InstanceId = options.InstanceId;
        StartAt = options.StartAt;
    }
}
