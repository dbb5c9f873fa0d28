using System.Globalization;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>Moments of a trace as times after its start, all in one unit and width, so that they line up.</summary>
internal sealed class RelativeTime
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;
    private const long Hour = 3600 * Second;

    private readonly long _start;
    private readonly long _duration;
    private readonly int _width;

    public RelativeTime(long start, long duration)
    {
        _start = start;
        _duration = duration;
        _width = Format(duration).Length;
    }

    /// <summary>Such as <c>+0.123s</c>, padded on the left.</summary>
    public string Of(long unixNano) => Text(unixNano).PadLeft(_width);

    /// <summary>Such as <c>+0.123s</c>.</summary>
    public string Text(long unixNano) => unixNano == 0 ? "?" : Format(unixNano - _start);

    private string Format(long nano)
    {
        string sign = nano < 0 ? "-" : "+";
        nano = Math.Abs(nano);
        FormattableString text =
            _duration < Second ? $"{sign}{nano / 1000 / 1000m:0.000}ms"
            : _duration < Hour ? $"{sign}{nano / Millisecond / 1000m:0.000}s"
            : (FormattableString)$"{sign}{nano / Hour}:{nano / (60 * Second) % 60:00}:{nano / Millisecond % 60_000 / 1000m:00.000}";
        return text.ToString(CultureInfo.InvariantCulture);
    }
}
