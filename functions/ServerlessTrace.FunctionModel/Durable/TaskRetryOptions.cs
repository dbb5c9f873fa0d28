namespace ServerlessTrace.FunctionModel;

/// <summary>Whether and how a failed task is tried again.</summary>
public sealed class TaskRetryOptions
{
    /// <summary>Retries by a policy.</summary>
    public TaskRetryOptions(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Policy = policy;
    }

    /// <summary>The policy.</summary>
    public RetryPolicy? Policy { get; }

#pragma warning disable CA2225 // The official alternate is FromRetryPolicy.
    /// <summary>A policy as options.</summary>
    public static implicit operator TaskRetryOptions(RetryPolicy policy) => new(policy);
#pragma warning restore CA2225

    /// <summary>A policy as options.</summary>
    public static TaskRetryOptions FromRetryPolicy(RetryPolicy policy) => new(policy);
}
