namespace ServerlessTrace.FunctionModel;

/// <summary>Retries after a fixed delay.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <summary>Retries up to <paramref name="maxRetryCount"/> times, <paramref name="delayInterval"/> (<c>hh:mm:ss</c>) apart.</summary>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    /// <summary>The delay as <c>hh:mm:ss</c>.</summary>
    public string DelayInterval { get; }
}
