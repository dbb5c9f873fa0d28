namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Ends a request that is not taken in; each way in answers it as its protocol says.</summary>
internal sealed class RefusedPostException(int status, string message, int? retryAfterSeconds = null, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>After how many seconds the same request may succeed; null where it never will.</summary>
    public int? RetryAfterSeconds { get; } = retryAfterSeconds;
}
