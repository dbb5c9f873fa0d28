using System.Text;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Alerting.Rules;

/// <summary>Which spans, traces or series something is about. All that is said must hold; texts are compared exactly.</summary>
public sealed record SeriesMatch
{
    private const int MaxAttributes = 5;

    /// <summary>The service; any where null.</summary>
    public string? Service { get; init; }

    /// <summary>The operation: the span's name, or its <see cref="OperationTemplate"/>; any where null.</summary>
    public string? Operation { get; init; }

    /// <summary>The deployment environment; any where null.</summary>
    public string? Environment { get; init; }

    /// <summary>Attributes and their values.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it matches everything.</summary>
    internal bool IsEmpty => Service is null && Operation is null && Environment is null && Attributes.Count == 0;

    /// <summary>What is wrong with it, in sentences.</summary>
    internal IEnumerable<string> FindProblems()
    {
        foreach ((string name, string? text) in new[] { ("service", Service), ("operation", Operation), ("environment", Environment) })
        {
            if (text is { Length: 0 or > AlertRule.LongestText })
            {
                yield return $"'match.{name}' must have 1 to {AlertRule.LongestText} characters; leave it out to match any.";
            }
        }

        if (Attributes.Count > MaxAttributes || Attributes.Any(attribute => attribute.Key.Length is 0 or > AlertRule.LongestText || attribute.Value is not { Length: <= AlertRule.LongestText }))
        {
            yield return $"'match.attributes' may name up to {MaxAttributes} attributes, with texts of up to {AlertRule.LongestText} characters.";
        }
    }

    /// <summary>Whether a span is of the service and operation and has the attributes. The environment is the trace's: not looked at here.</summary>
    internal bool IsMatch(SpanBatch batch, in SpanRecord span)
    {
        if ((Service is not null && !IsText(batch.Strings[span.Service], Service)) || (Operation is not null && !IsOperation(batch, in span, Operation)))
        {
            return false;
        }

        foreach ((string key, string value) in Attributes)
        {
            if (SpanAttributes.Find(batch, in span, key) is not { } attribute || !string.Equals(SpanAttributes.Text(batch, in attribute), value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a group of series, or an alert, is about what this says.</summary>
    public bool IsMatch(GroupKey group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return (Service is null || string.Equals(Service, group.Service, StringComparison.Ordinal))
            && (Operation is null || (group.Operation is { } operation && OperationTemplate.IsMatch(Operation, operation)))
            && (Environment is null || string.Equals(Environment, group.Environment, StringComparison.Ordinal))
            && Attributes.All(wanted => group.Attributes.TryGetValue(wanted.Key, out string? value) && string.Equals(value, wanted.Value, StringComparison.Ordinal));
    }

    private static bool IsOperation(SpanBatch batch, in SpanRecord span, string wanted) =>
        IsText(batch.Strings[span.Name], wanted)
        || (wanted.Contains(OperationTemplate.Id, StringComparison.Ordinal) && OperationTemplate.IsMatch(wanted, batch.Text(span.Name)));

    internal static bool IsText(ReadOnlySpan<byte> utf8, string text) =>
        utf8.Length >= text.Length && (Ascii.Equals(utf8, text) || (utf8.Length > text.Length && Encoding.UTF8.GetString(utf8).Equals(text, StringComparison.Ordinal)));
}
