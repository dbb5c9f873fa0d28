using System.Globalization;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Durations as people read them: <c>250ns</c>, <c>12.3µs</c>, <c>45.6ms</c>, <c>1.234s</c>, <c>2m 05.000s</c>, <c>3h 02m 05s</c>.</summary>
public static class DurationText
{
    private const long Second = 1_000_000_000;

    private static readonly (string Suffix, double Nanos)[] Units =
        [("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86400e9), (string.Empty, 1e6)];

    /// <summary>Reads a duration as people write it: <c>250ms</c>, <c>1.5s</c>, <c>2m</c>, <c>30d</c>; a bare number is ms.</summary>
    public static bool TryParse(string text, out long nanos)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach ((string suffix, double factor) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                && value * factor < long.MaxValue)
            {
                nanos = (long)(value * factor);
                return true;
            }
        }

        nanos = 0;
        return false;
    }

    /// <summary>A duration in ns as text.</summary>
    public static string Of(long nano) => nano switch
    {
        < 0 => "-" + Of(nano == long.MinValue ? long.MaxValue : -nano),
        0 => "0ms",
        < 1_000 => Text($"{nano}ns"),
        < 1_000_000 => Text($"{nano / 1e3:0.#}µs"),
        < Second => Text($"{Thousandths(nano, 1_000_000):0.###}ms"),
        < 60 * Second => Text($"{Thousandths(nano, Second):0.000}s"),
        < 3600 * Second => Text($"{nano / (60 * Second)}m {Thousandths(nano % (60 * Second), Second):00.000}s"),
        _ => Text($"{nano / (3600 * Second)}h {nano / (60 * Second) % 60:00}m {nano / Second % 60:00}s"),
    };

    /// <summary>A part of a whole as text: <c>90%</c>, <c>0.4%</c>; empty where the whole is nothing.</summary>
    public static string Share(long part, long whole)
    {
        if (whole <= 0)
        {
            return string.Empty;
        }

        double percent = 100.0 * part / whole;
        return percent is > 0 and < 0.1 ? "<0.1%" : Text(percent is >= 9.95 or 0 ? $"{percent:0}%" : (FormattableString)$"{percent:0.#}%");
    }

    /// <summary>Cut, not rounded, so that 59.9999s never reads as a minute.</summary>
    private static decimal Thousandths(long nano, long unit) => nano / (unit / 1000) / 1000m;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
