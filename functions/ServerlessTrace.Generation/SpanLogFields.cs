namespace ServerlessTrace.Generation;

/// <summary>Attributes that span logs write beside <c>attributes</c>, not in them, some under another name.</summary>
internal static class SpanLogFields
{
    public static ReadOnlySpan<byte> Level => "level"u8;

    public static ReadOnlySpan<byte> Message => "message"u8;

    /// <summary>Written as <c>error_code</c>.</summary>
    public static ReadOnlySpan<byte> ErrorCode => "error.type"u8;

    /// <summary>Written as <c>stack_trace</c>.</summary>
    public static ReadOnlySpan<byte> StackTrace => "exception.stacktrace"u8;

    public static ReadOnlySpan<byte> CorrelationId => "correlation_id"u8;

    public static ReadOnlySpan<byte> RequestId => "request_id"u8;

    /// <summary>The name of the field that an attribute of a span has for itself; empty where it has none.</summary>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> attribute)
    {
        if (attribute.SequenceEqual(ErrorCode))
        {
            return "error_code"u8;
        }

        if (attribute.SequenceEqual(StackTrace))
        {
            return "stack_trace"u8;
        }

        bool sameName = attribute.SequenceEqual(Level) || attribute.SequenceEqual(Message)
            || attribute.SequenceEqual(CorrelationId) || attribute.SequenceEqual(RequestId);
        return sameName ? attribute : [];
    }
}
