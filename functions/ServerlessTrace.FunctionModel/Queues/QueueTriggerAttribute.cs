namespace ServerlessTrace.FunctionModel;

/// <summary>Runs the function for every message of a queue.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class QueueTriggerAttribute(string queueName) : Attribute
{
    /// <summary>The queue.</summary>
    public string QueueName { get; } = queueName;

    /// <summary>The setting that names the storage account; null for the app's own.</summary>
    public string? Connection { get; set; }
}
