namespace ServerlessTrace.Core.Reports.Text;

/// <summary>A line of the timeline.</summary>
/// <param name="Time">In ns since 1970 UTC.</param>
/// <param name="Place">Where it stands among entries of the same time: nested spans open outside in and close inside out.</param>
/// <param name="Record">The record it belongs to.</param>
/// <param name="Event">The event of that record; <see cref="Start"/> or <see cref="End"/> for the span itself.</param>
internal readonly record struct TimelineEntry(long Time, int Place, int Record, int Event) : IComparable<TimelineEntry>
{
    public const int Start = -1;

    public const int End = -2;

    public int CompareTo(TimelineEntry other)
    {
        int order = Time.CompareTo(other.Time);
        return order != 0 ? order : Place.CompareTo(other.Place);
    }
}
