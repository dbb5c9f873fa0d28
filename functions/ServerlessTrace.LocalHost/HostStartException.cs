namespace ServerlessTrace.LocalHost;

/// <summary>The host cannot start or go on; the message is one line that tells the user what to do.</summary>
public sealed class HostStartException : Exception
{
    /// <summary>An unexplained failure.</summary>
    public HostStartException()
    {
    }

    /// <summary>A failure with the line to show.</summary>
    public HostStartException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with the line to show, and its cause.</summary>
    public HostStartException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
