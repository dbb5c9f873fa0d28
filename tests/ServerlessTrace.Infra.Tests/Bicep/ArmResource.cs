using System.Text.Json;

namespace ServerlessTrace.Infra.Tests.Bicep;

/// <summary>A resource of a compiled template or of one nested in it.</summary>
/// <param name="Module">The nested template's name; empty for the outermost.</param>
/// <param name="Json">The resource.</param>
/// <param name="Variables">The variables of its template.</param>
internal sealed record ArmResource(string Module, JsonElement Json, JsonElement Variables)
{
    public string Type => Json.GetProperty("type").GetString()!;

    public JsonElement Properties => Json.GetProperty("properties");

    /// <summary>A property by its path, such as <c>networkAcls.bypass</c>, as text.</summary>
    public string Text(string path)
    {
        JsonElement value = Properties;
        foreach (string name in path.Split('.'))
        {
            Assert.True(value.TryGetProperty(name, out value), $"{Type} has no {path}");
        }

        return value.ToString();
    }

    /// <summary>All resources of a template and of those nested in it.</summary>
    public static IEnumerable<ArmResource> In(JsonElement template, string module = "")
    {
        JsonElement variables = template.TryGetProperty("variables", out JsonElement some) ? some : default;
        foreach (JsonElement resource in template.GetProperty("resources").EnumerateArray())
        {
            if (resource.GetProperty("type").GetString() != "Microsoft.Resources/deployments")
            {
                yield return new ArmResource(module, resource, variables);
                continue;
            }

            foreach (ArmResource nested in In(resource.GetProperty("properties").GetProperty("template"), resource.GetProperty("name").GetString()!))
            {
                yield return nested;
            }
        }
    }
}
