using System.Security.Cryptography;
using System.Text;

namespace ServerlessTrace.Core.Alerting.Rules;

/// <summary>One of the groups that a rule is evaluated for by itself: the values of what it groups by.</summary>
public sealed record GroupKey
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>The one group of a rule that groups by nothing.</summary>
    public static GroupKey All { get; } = new();

    /// <summary>The service; null where the rule neither groups by it nor names one.</summary>
    public string? Service { get; init; }

    /// <summary>The operation; null where the rule neither groups by it nor names one.</summary>
    public string? Operation { get; init; }

    /// <summary>The environment; null where the rule neither groups by it nor names one.</summary>
    public string? Environment { get; init; }

    /// <summary>The attributes that the rule groups by.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = None;

    /// <summary>Sixteen hex digits that stand for the group wherever its texts may not be written.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Identity)).AsSpan(0, 8));

    /// <summary>The group in a line for people.</summary>
    public override string ToString() =>
        string.Join(", ", new[] { Service, Operation, Environment }.Where(text => text is { Length: > 0 }).Concat(Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}")));

    /// <summary>The same for the same group, different for any other.</summary>
    private string Identity
    {
        get
        {
            var text = new StringBuilder();
            foreach (string? part in new[] { Service, Operation, Environment }.Concat(
                Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).SelectMany(attribute => new[] { attribute.Key, attribute.Value })))
            {
                text.Append(part is null ? -1 : part.Length).Append(':').Append(part);
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public bool Equals(GroupKey? other) =>
        other is not null
        && string.Equals(Service, other.Service, StringComparison.Ordinal)
        && string.Equals(Operation, other.Operation, StringComparison.Ordinal)
        && string.Equals(Environment, other.Environment, StringComparison.Ordinal)
        && Attributes.Count == other.Attributes.Count
        && Attributes.All(attribute => other.Attributes.TryGetValue(attribute.Key, out string? value) && string.Equals(attribute.Value, value, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int attributes = 0;
        foreach (KeyValuePair<string, string> attribute in Attributes)
        {
            attributes ^= attribute.GetHashCode();
        }

        return HashCode.Combine(Service, Operation, Environment, attributes);
    }
}
