using System.Globalization;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>Fires for traces in which a span has an attribute that meets a condition.</summary>
public sealed record AttributeRule : TraceRule
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "attribute";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The attribute's name.</summary>
    public string Key { get; init; } = string.Empty;

    /// <summary>How its value is compared.</summary>
    public Comparison Is { get; init; } = Comparison.Equal;

    /// <summary>What it is compared with: a number for the four that order, nothing for <see cref="Comparison.Present"/>.</summary>
    public string? Value { get; init; }

    private bool Orders => Is is Comparison.Above or Comparison.AtLeast or Comparison.Below or Comparison.AtMost;

    /// <inheritdoc/>
    public override IEnumerable<string> FindProblems()
    {
        foreach (string problem in base.FindProblems())
        {
            yield return problem;
        }

        if (Key.Length is 0 or > LongestText)
        {
            yield return "'key' must name the attribute, such as http.response.status_code.";
        }

        if (!Enum.IsDefined(Is))
        {
            yield return "'is' must be equal, not-equal, above, at-least, below, at-most, contains or present.";
        }
        else if (Is == Comparison.Present ? Value is not null : Value is not { Length: <= LongestText })
        {
            yield return Is == Comparison.Present ? "'is: present' takes no 'value'." : $"'value' must say what the attribute is compared with, in up to {LongestText} characters.";
        }
        else if (Orders && !TryNumber(Value!, out _))
        {
            yield return "'value' must be a number where 'is' is above, at-least, below or at-most.";
        }
    }

    /// <inheritdoc/>
    private protected override TraceFinding? FindIn(Trace trace)
    {
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (SpanAttributes.Find(trace.Batch, in trace[i], Key) is { } attribute
                && SpanAttributes.Text(trace.Batch, in attribute) is var text
                && Holds(text)
                && Match.IsMatch(trace.Batch, in trace[i]))
            {
                _ = TryNumber(text, out double observed);
                _ = TryNumber(Value ?? string.Empty, out double threshold);
                return At(trace, i, observed, threshold, "1", $"has {Key} = {(text.Length > LongestText ? text[..LongestText] : text)}");
            }
        }

        return null;
    }

    private bool Holds(string text)
    {
        if (Orders)
        {
            return TryNumber(text, out double number) && TryNumber(Value!, out double limit) && Is switch
            {
                Comparison.Above => number > limit,
                Comparison.AtLeast => number >= limit,
                Comparison.Below => number < limit,
                _ => number <= limit,
            };
        }

        return Is switch
        {
            Comparison.Equal => string.Equals(text, Value, StringComparison.Ordinal),
            Comparison.NotEqual => !string.Equals(text, Value, StringComparison.Ordinal),
            Comparison.Contains => text.Contains(Value!, StringComparison.Ordinal),
            _ => true,
        };
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
