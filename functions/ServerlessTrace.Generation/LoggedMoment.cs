namespace ServerlessTrace.Generation;

/// <summary>A log record to be written: when, of which span, and which of the span's records (in the order they are written at equal times).</summary>
internal readonly record struct LoggedMoment(long Time, int Span, int Part) : IComparable<LoggedMoment>
{
    public const int Start = -1;
    public const int End = int.MaxValue;

    public int CompareTo(LoggedMoment other) =>
        Time != other.Time ? Time.CompareTo(other.Time)
        : Span != other.Span ? Span.CompareTo(other.Span)
        : Part.CompareTo(other.Part);
}
