using ServerlessTrace.Instrumentation.Correlation;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>What span logs say besides the span.</summary>
public sealed record SpanLogFormat
{
    /// <summary>The service; the exporter takes it from the resource's <c>service.name</c> where it is null.</summary>
    public string? Service { get; init; }

    /// <summary>The service's version; none where null.</summary>
    public string? Version { get; init; }

    /// <summary>The deployment environment, such as <c>production</c>; none where null.</summary>
    public string? Environment { get; init; }

    /// <summary>Which records tell a span.</summary>
    public SpanLogRecords Records { get; init; } = SpanLogRecords.StartAndEnd;

    /// <summary>The business ids that become attributes of spans.</summary>
    public BusinessIds Ids { get; init; } = BusinessIds.Default;

    /// <summary>Attributes of a span or event that are written. Default 128.</summary>
    public int MaxAttributes { get; init; } = 128;

    /// <summary>Events of a span that are written. Default 128.</summary>
    public int MaxEvents { get; init; } = 128;

    /// <summary>Characters of a text that are written. Default 8,192.</summary>
    public int MaxTextLength { get; init; } = 8_192;
}
