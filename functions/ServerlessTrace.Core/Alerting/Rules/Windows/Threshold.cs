using System.Globalization;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>A limit as people write it: <c>500ms</c>, <c>5%</c>, <c>10/s</c>; a bare number is in the statistic's own unit.</summary>
/// <param name="Value">The number, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>ms</c>, <c>%</c> or <c>1/s</c>; null where it was not written.</param>
public readonly record struct Threshold(double Value, string? Unit)
{
    /// <summary>Reads a limit; false for anything else, and for negative ones.</summary>
    public static bool TryParse(string text, out Threshold threshold)
    {
        ArgumentNullException.ThrowIfNull(text);
        (string number, string? unit) = text.EndsWith('%') ? (text[..^1], "%")
            : text.EndsWith("/s", StringComparison.Ordinal) ? (text[..^2], "1/s")
            : (text, null);
        if (double.TryParse(number.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
        {
            threshold = new Threshold(value, unit);
            return true;
        }

        threshold = default;
        if (unit is null && Analysis.DurationText.TryParse(text, out long nano))
        {
            threshold = new Threshold(nano / 1e6, "ms");
            return true;
        }

        return false;
    }

    /// <summary>Whether it can limit something of a unit.</summary>
    internal bool Fits(string unit) => Unit is null || Unit == unit;

    /// <summary>As it is read again.</summary>
    public override string ToString()
    {
        string number = Value.ToString(CultureInfo.InvariantCulture);
        return Unit == "1/s" ? number + "/s" : number + Unit;
    }
}
