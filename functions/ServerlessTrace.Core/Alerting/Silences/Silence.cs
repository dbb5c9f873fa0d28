using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules;

namespace ServerlessTrace.Core.Alerting.Silences;

/// <summary>Keeps alerts that match from being told of for a time. They are evaluated and listed all the same.</summary>
public sealed record Silence
{
    /// <summary>Its id: see <see cref="RuleId"/>.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>The rule's id; any where null.</summary>
    public string? Rule { get; init; }

    /// <summary>The severity; any where null.</summary>
    public AlertSeverity? Severity { get; init; }

    /// <summary>What alerts are about.</summary>
    public SeriesMatch Match { get; init; } = new();

    /// <summary>From when.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether it silences an alert at a time.</summary>
    public bool Silences(AlertRule rule, GroupKey group, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return at >= From && at < Until
            && (Rule is null || Rule == rule.Id)
            && (Severity is null || Severity == rule.Severity)
            && Match.IsMatch(group);
    }

    /// <summary>What is wrong with it, in sentences; nothing where it is valid.</summary>
    public IEnumerable<string> FindProblems()
    {
        if (!RuleId.IsValid(Id))
        {
            yield return RuleId.Requirement;
        }

        if (Rule is not null && !RuleId.IsValid(Rule))
        {
            yield return "'rule' must be a rule's id; leave it out to match any rule.";
        }

        if (Severity is { } severity && !Enum.IsDefined(severity))
        {
            yield return "'severity' must be info, warning or critical.";
        }

        if (Until <= From)
        {
            yield return "'until' must be later than 'from' (which is now where it is left out).";
        }

        if (Comment?.Length > AlertRule.LongestText * 4)
        {
            yield return $"'comment' may have up to {AlertRule.LongestText * 4} characters.";
        }

        foreach (string problem in Match.FindProblems())
        {
            yield return problem;
        }
    }
}
