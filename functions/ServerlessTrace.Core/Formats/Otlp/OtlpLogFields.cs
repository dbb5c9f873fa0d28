namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>What a log record says beside its ids and attributes.</summary>
internal sealed class OtlpLogFields
{
    /// <summary>When it happened, in ns since 1970 UTC; 0 where unknown.</summary>
    public long Time { get; set; }

    /// <summary>When it was seen to have happened, in ns since 1970 UTC; 0 where unknown.</summary>
    public long ObservedTime { get; set; }

    /// <summary>The event name's string number.</summary>
    public int Name { get; set; }

    /// <summary>The string number of a body that is text.</summary>
    public int Body { get; set; }

    /// <summary>The string number of the severity as the source calls it.</summary>
    public int SeverityText { get; set; }

    /// <summary>The severity, 1 to 24; 0 where unknown.</summary>
    public long SeverityNumber { get; set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Time = 0;
        ObservedTime = 0;
        Name = 0;
        Body = 0;
        SeverityText = 0;
        SeverityNumber = 0;
    }
}
