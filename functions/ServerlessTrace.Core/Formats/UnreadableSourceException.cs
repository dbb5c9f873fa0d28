namespace ServerlessTrace.Core.Formats;

/// <summary>A source of which nothing can be read: an unknown format, or a corrupt compression.</summary>
public sealed class UnreadableSourceException : Exception
{
    /// <summary>Unreadable for no stated reason.</summary>
    public UnreadableSourceException()
        : this("The source cannot be read.")
    {
    }

    /// <summary>Unreadable for a reason, which says what to do.</summary>
    public UnreadableSourceException(string message)
        : base(message)
    {
    }

    /// <summary>Unreadable for a reason with a cause.</summary>
    public UnreadableSourceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
