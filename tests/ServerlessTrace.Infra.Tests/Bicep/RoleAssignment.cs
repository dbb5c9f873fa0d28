using System.Text.RegularExpressions;

namespace ServerlessTrace.Infra.Tests.Bicep;

/// <summary>Who may do what, where.</summary>
internal sealed partial record RoleAssignment(string Principal, string Role, string Scope)
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["0ad04412-c4d5-4796-b79c-f76d14c8d402"] = "Durable Task Data Contributor",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["b86a8fe4-44ce-4948-aee5-eccb2c155cd7"] = "Key Vault Secrets Officer",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
    };

    /// <summary>The assignments that a resource makes: several where it is a loop over roles.</summary>
    public static IEnumerable<RoleAssignment> Of(ArmResource resource)
    {
        string principal = resource.Text("principalId");
        string scope = Scoped().Match(resource.Json.GetProperty("scope").GetString()!).Groups["type"].Value;
        string variable = Variable().Match(resource.Text("roleDefinitionId")).Groups["name"].Value;
        var value = resource.Variables.GetProperty(variable);
        IEnumerable<string> roles = value.ValueKind == System.Text.Json.JsonValueKind.Array
            ? value.EnumerateArray().Select(item => resource.Variables.GetProperty(Variable().Match(item.GetString()!).Groups["name"].Value).GetString()!)
            : [value.GetString()!];
        return roles.Select(role => new RoleAssignment(Who(principal), Names.GetValueOrDefault(role, role), scope));
    }

    private static string Who(string principal) => principal switch
    {
        _ when principal.Contains("appPrincipalId", StringComparison.Ordinal) => "app",
        _ when principal.Contains("personPrincipalId", StringComparison.Ordinal) => "person",
        _ when principal.Contains("Microsoft.EventGrid/systemTopics", StringComparison.Ordinal) => "topic",
        _ => principal,
    };

    [GeneratedRegex(@"resourceId\('(?<type>[^']+)'")]
    private static partial Regex Scoped();

    [GeneratedRegex(@"variables\('(?<name>\w+)'\)")]
    private static partial Regex Variable();
}
