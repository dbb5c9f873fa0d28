using System.Text.RegularExpressions;

namespace ServerlessTrace.Core.Alerting.Rules;

/// <summary>What ids of rules, silences and subscriptions look like: safe in URLs, keys and logs.</summary>
public static partial class RuleId
{
    /// <summary>What to tell somebody whose id is not valid.</summary>
    public const string Requirement = "'id' must have 1 to 48 characters: lower-case letters, digits and hyphens, the first of them a letter or digit.";

    /// <summary>Whether a text is an id.</summary>
    public static bool IsValid(string? text) => text is not null && Pattern().IsMatch(text);

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,47}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
