using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;

namespace ServerlessTrace.Cli.Rules;

/// <summary>What is to become of one rule.</summary>
/// <param name="Id">The rule's id.</param>
/// <param name="Wanted">The rule as it is to be; null to delete it.</param>
/// <param name="Current">The rule as it is; null where there is none.</param>
/// <param name="Tag">The version of <paramref name="Current"/>, with its quotes.</param>
internal sealed record RuleChange(string Id, AlertRule? Wanted, AlertRule? Current, string? Tag)
{
    /// <summary>Whether it stays as it is.</summary>
    public bool IsNone => Wanted is not null && Current is not null && Text(Wanted) == Text(Current);

    /// <summary>The difference, a line for each property that comes (+) or goes (-).</summary>
    public IEnumerable<string> Diff()
    {
        JsonObject before = Properties(Current);
        JsonObject after = Properties(Wanted);
        yield return $"{(Current is null ? '+' : Wanted is null ? '-' : '~')} {Id}";
        foreach (string name in before.Select(property => property.Key).Union(after.Select(property => property.Key)))
        {
            if (JsonNode.DeepEquals(before[name], after[name]))
            {
                continue;
            }

            if (before.ContainsKey(name))
            {
                yield return $"    - {name}: {before[name]?.ToJsonString()}";
            }

            if (after.ContainsKey(name))
            {
                yield return $"    + {name}: {after[name]?.ToJsonString()}";
            }
        }
    }

    private static JsonObject Properties(AlertRule? rule)
    {
        JsonObject all = rule is null ? [] : JsonNode.Parse(RuleDocument.Write(rule))!.AsObject();
        all.Remove("id");
        return all;
    }

    private static string Text(AlertRule rule) => Encoding.UTF8.GetString(RuleDocument.Write(rule));
}
