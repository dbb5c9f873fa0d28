using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Rules;

/// <summary>When to alert. Each kind of rule is a type with options of its own.</summary>
public abstract record AlertRule
{
    /// <summary>The most characters of a text in a rule.</summary>
    internal const int LongestText = 256;

    /// <summary>The rule's id: see <see cref="RuleId"/>.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>The name of the kind.</summary>
    public abstract string Kind { get; }

    /// <summary>What people should know when it fires.</summary>
    public string? Description { get; init; }

    /// <summary>How bad it is when it fires.</summary>
    public AlertSeverity Severity { get; init; } = AlertSeverity.Warning;

    /// <summary>Whether it is evaluated.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What it is about; everything where nothing is said.</summary>
    public SeriesMatch Match { get; init; } = new();

    /// <summary>What is wrong with the rule, in sentences that say how to put it right; nothing where it is valid.</summary>
    public virtual IEnumerable<string> FindProblems()
    {
        if (!RuleId.IsValid(Id))
        {
            yield return RuleId.Requirement;
        }

        if (Description?.Length > LongestText * 4)
        {
            yield return $"'description' may have up to {LongestText * 4} characters.";
        }

        if (!Enum.IsDefined(Severity))
        {
            yield return "'severity' must be info, warning or critical.";
        }

        foreach (string problem in Match.FindProblems())
        {
            yield return problem;
        }
    }
}
