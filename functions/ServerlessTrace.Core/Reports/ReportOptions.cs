namespace ServerlessTrace.Core.Reports;

/// <summary>How a text report looks.</summary>
public sealed record ReportOptions
{
    /// <summary>Plain text with the default limits.</summary>
    public static ReportOptions Default { get; } = new();

    /// <summary>Whether to colour it with ANSI escape sequences, for terminals.</summary>
    public bool Ansi { get; init; }

    /// <summary>Spans that the timeline shows at most: of a larger trace the failed ones, those on the critical path and the longest.</summary>
    public int TimelineSpans { get; init; } = 100;

    /// <summary>Steps of the critical path, errors, services and other list entries that are shown at most.</summary>
    public int ListEntries { get; init; } = 20;

    /// <summary>Lines of a stack trace that are shown at most.</summary>
    public int StackLines { get; init; } = 20;

    /// <summary>Whether the trace counts as complete; null where nobody decides that, as offline.</summary>
    public bool? IsSealed { get; init; }

    /// <summary>How many times it was sealed.</summary>
    public int Revision { get; init; }
}
