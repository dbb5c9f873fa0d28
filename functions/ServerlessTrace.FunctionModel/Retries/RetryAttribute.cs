namespace ServerlessTrace.FunctionModel;

/// <summary>How a failed timer function is run again.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>A policy whose count its maker sets.</summary>
#pragma warning disable CA1012 // The official constructor is public.
    public RetryAttribute()
#pragma warning restore CA1012
    {
    }

    /// <summary>Retries at most; -1 for no limit.</summary>
    public int MaxRetryCount { get; set; }
}
