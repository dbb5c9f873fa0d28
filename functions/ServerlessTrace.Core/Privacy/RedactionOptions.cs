using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace ServerlessTrace.Core.Privacy;

/// <summary>What is not to be stored of what comes in.</summary>
public sealed class RedactionOptions : IValidatableObject
{
    private const int ShortestKey = 16;
    private const int MostRules = 100;

    /// <summary>Whether anything is redacted at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Whether well-known secrets are redacted: attributes named like <c>authorization</c>, <c>cookie</c>, <c>password</c> or <c>api_key</c>, and in
    /// any text such names with a value, tokens, passwords in URLs, and card numbers. Default true.
    /// </summary>
    public bool WellKnown { get; set; } = true;

    /// <summary>What becomes of well-known secrets. Default: masked.</summary>
    public RedactionAction Action { get; set; }

    /// <summary>The key of keyed hashes, at least 16 characters; needed where an action is <see cref="RedactionAction.Hash"/>.</summary>
    public string HashKey { get; set; } = string.Empty;

    /// <summary>Names of attributes that are never redacted, compared like <see cref="RedactionRule.Names"/>.</summary>
    public IList<string> Except { get; } = [];

    /// <summary>Rules of one's own; the first that names an attribute decides, before the well-known.</summary>
    public IList<RedactionRule> Rules { get; } = [];

    /// <summary>
    /// Whether sources that cannot be read, and cannot be redacted because they are compressed or binary, are still copied to the container
    /// <c>rejected</c>. Default true.
    /// </summary>
    public bool KeepUnreadable { get; set; } = true;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HashKey.Length is > 0 and < ShortestKey)
        {
            yield return new ValidationResult($"Redaction: HashKey has {HashKey.Length} characters; it needs at least {ShortestKey}.");
        }

        if (Enabled && HashKey.Length == 0 && (Action == RedactionAction.Hash || Rules.Any(rule => rule.Action == RedactionAction.Hash)))
        {
            yield return new ValidationResult("Redaction: an action is Hash, which needs a HashKey.");
        }

        if (Rules.Count > MostRules)
        {
            yield return new ValidationResult($"Redaction: {Rules.Count} rules; {MostRules} are the most.");
        }

        foreach (RedactionRule rule in Rules)
        {
            if (rule.Names.Count == 0 && rule.Pattern.Length == 0)
            {
                yield return new ValidationResult("Redaction: a rule has neither Names nor a Pattern.");
            }

            if (WhatIsWrongWith(rule.Pattern) is { } fault)
            {
                yield return new ValidationResult($"Redaction: the pattern '{rule.Pattern}' is no non-backtracking regular expression: {fault}");
            }
        }
    }

    internal static Regex ToRegex(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string? WhatIsWrongWith(string pattern)
    {
        try
        {
            return pattern.Length > 0 && ToRegex(pattern).IsMatch(string.Empty) ? "it matches the empty text" : null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }
}
