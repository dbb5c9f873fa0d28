namespace ServerlessTrace.Core.Formats;

/// <summary>What the only time of a record is that has a duration and no <c>event</c>.</summary>
public enum TimestampMeaning
{
    /// <summary>The end, unless the trace shows that it is the start (<see cref="Assembly.SpanMerger"/>).</summary>
    Auto,

    /// <summary>The span's start.</summary>
    Start,

    /// <summary>The span's end.</summary>
    End,
}
