using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Storage.Search;

/// <summary>What traces a search asks for; nothing is mandatory.</summary>
public sealed record TraceQuery
{
    /// <summary>A service that takes part; any where null.</summary>
    public string? Service { get; init; }

    /// <summary>The name of one of its spans, or that name's <see cref="Core.Analysis.OperationTemplate"/>; any where null.</summary>
    public string? Operation { get; init; }

    /// <summary>The root's deployment environment; any where null.</summary>
    public string? Environment { get; init; }

    /// <summary>How the trace stands; any way where null.</summary>
    public TraceStatus? Status { get; init; }

    /// <summary>The shortest duration of the trace, in ns.</summary>
    public long MinDurationNano { get; init; }

    /// <summary>The longest duration of the trace, in ns.</summary>
    public long MaxDurationNano { get; init; } = long.MaxValue;

    /// <summary>The shortest duration of the longest span, in ns.</summary>
    public long MinSpanDurationNano { get; init; }

    /// <summary>Attributes that its spans or events have, each on one of them.</summary>
    public IReadOnlyList<(string Key, string Value)> Attributes { get; init; } = [];

    /// <summary>The earliest start, in ns since 1970 UTC.</summary>
    public long FromUnixNano { get; init; }

    /// <summary>The latest start, in ns since 1970 UTC.</summary>
    public long ToUnixNano { get; init; } = long.MaxValue;

    /// <summary>Traces a page.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Where the last page ended; null for the first.</summary>
    public TraceCursor? Cursor { get; init; }
}
