using System.Globalization;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>
/// The member <c>ot</c> of <c>tracestate</c> (OpenTelemetry specification, "TraceState: Probability Sampling"): the rejection threshold <c>th</c>, the
/// randomness <c>rv</c> where it is not the trace id's, and what others put there.
/// </summary>
/// <param name="Threshold"><c>th</c>: of 2^56 random values those below it are rejected; null where there is none.</param>
/// <param name="Randomness"><c>rv</c>; null where it is the trace id's last 56 bits.</param>
/// <param name="Others">Other sub-keys, as they are.</param>
/// <param name="Members">Other members of the <c>tracestate</c>, as they are.</param>
public readonly record struct OpenTelemetryTraceState(long? Threshold, long? Randomness, string Others, string Members)
{
    /// <summary>How many thresholds there are: 2^56.</summary>
    public const long Range = 1L << 56;

    private const int Digits = 14;
    private const int LongestMember = 256;
    private const string Key = "ot=";

    /// <summary>Reads a <c>tracestate</c>. What is malformed in the member <c>ot</c> is as if it were not there.</summary>
    public static OpenTelemetryTraceState Parse(string? traceState)
    {
        long? threshold = null;
        long? randomness = null;
        List<string> others = [];
        List<string> members = [];
        foreach (string member in (traceState ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!member.StartsWith(Key, StringComparison.Ordinal))
            {
                members.Add(member);
                continue;
            }

            foreach (string field in member[Key.Length..].Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                switch (field.Split(':', 2))
                {
                    case ["th", var digits]:
                        threshold = Hex(digits, isThreshold: true);
                        break;
                    case ["rv", var digits]:
                        randomness = Hex(digits, isThreshold: false);
                        break;
                    default:
                        others.Add(field);
                        break;
                }
            }
        }

        return new OpenTelemetryTraceState(threshold, randomness, string.Join(';', others), string.Join(',', members));
    }

    /// <summary>The <c>tracestate</c>, with <c>ot</c> first since it was written last (W3C Trace Context, 3.5); empty if there is nothing to say.</summary>
    public override string ToString()
    {
        string threshold = Threshold is { } th ? $"th:{HexOf(th)}" : string.Empty;
        string randomness = Randomness is { } rv ? string.Create(CultureInfo.InvariantCulture, $"rv:{rv:x14}") : string.Empty;
        string own = string.Join(';', new[] { threshold, randomness, Others }.Where(field => field.Length > 0));
        string member = own.Length is > 0 and <= LongestMember ? Key + own : string.Empty;

        // A list is 32 members long at most (3.3.1.1): who was there longest goes.
        IEnumerable<string> kept = Members.Split(',', StringSplitOptions.RemoveEmptyEntries).Take(member.Length > 0 ? 31 : 32);
        return string.Join(',', kept.Prepend(member).Where(text => text.Length > 0));
    }

    /// <summary>Digits without trailing zeros, at least one.</summary>
    private static string HexOf(long threshold)
    {
        string digits = threshold.ToString("x14", CultureInfo.InvariantCulture).TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
    }

    private static long? Hex(string digits, bool isThreshold)
    {
        bool isShaped = (isThreshold ? digits.Length is > 0 and <= Digits : digits.Length == Digits)
            && digits.All(digit => char.IsAsciiDigit(digit) || digit is >= 'a' and <= 'f');
        return isShaped ? long.Parse(digits.PadRight(Digits, '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : null;
    }
}
