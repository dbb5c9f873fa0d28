namespace ServerlessTrace.FunctionModel;

/// <summary>Runs the function as an activity: at least once, results recorded.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ActivityTriggerAttribute : Attribute
{
    /// <summary>The activity's name; the function's name where null.</summary>
    public string? Activity { get; set; }
}
