using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Hosting;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>The service describes its HTTP API, and nothing that it does not have.</summary>
public sealed partial class OpenApiTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Every_http_function_is_described_and_nothing_else()
    {
        JsonObject document = await fixture.Service.GetJsonAsync("api/openapi.json");

        Assert.StartsWith("3.1.", (string)document["openapi"]!, StringComparison.Ordinal);
        Assert.Equal(Functions().Select(static function => $"{function.Method} {function.Path}").Order(StringComparer.Ordinal), Operations(document).Select(static operation => $"{operation.Method} {operation.Path}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Operations_have_ids_summaries_their_paths_parameters_and_keys()
    {
        JsonObject document = await fixture.Service.GetJsonAsync("api/openapi.json");
        (string Method, string Path, JsonObject Operation)[] operations = [.. Operations(document)];

        Assert.Equal(operations.Length, operations.Select(static operation => (string)operation.Operation["operationId"]!).Distinct().Count());
        foreach ((string method, string path, JsonObject operation) in operations)
        {
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["summary"]), $"{method} {path} has no summary.");
            IEnumerable<string> named = (operation["parameters"]?.AsArray() ?? []).Where(static parameter => (string)parameter!["in"]! == "path").Select(static parameter => (string)parameter!["name"]!);
            Assert.Equal(Parameter().Matches(path).Select(static match => match.Groups[1].Value), named);
            bool needsKey = Functions().Single(function => function.Method == method && function.Path == path).NeedsKey;
            Assert.Equal(needsKey, operation["security"] is null);
        }
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_description_has_its_function()
    {
        JsonObject document = await fixture.Service.GetJsonAsync("api/openapi.json");
        string[] references = [.. Reference().Matches(document.ToJsonString()).Select(static match => match.Groups[1].Value).Distinct()];

        Assert.NotEmpty(references);
        foreach (string reference in references)
        {
            JsonNode? at = document;
            foreach (string step in reference.Split('/'))
            {
                at = at is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)] : at?[step];
                Assert.True(at is not null, $"{reference} leads nowhere.");
            }
        }

        using Stream stream = typeof(ServerlessTraceServices).Assembly.GetManifestResourceStream("OpenApi.operations.json")!;
        IEnumerable<string> described = JsonNode.Parse(stream)!.AsObject().Select(static entry => entry.Key);
        Assert.Empty(described.Except(Functions().Select(static function => function.Name)));
    }

    private static IEnumerable<(string Method, string Path, JsonObject Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(static path => path.Value!.AsObject().Select(entry => (entry.Key, path.Key, entry.Value!.AsObject())));

    private static IEnumerable<(string Name, string Method, string Path, bool NeedsKey)> Functions() =>
        from method in typeof(ServerlessTraceServices).Assembly.GetTypes().SelectMany(static type => type.GetMethods())
        let trigger = method.GetParameters().Select(static parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(static attribute => attribute is not null)
        where trigger is not null
        from verb in trigger.Methods ?? []
        select (method.GetCustomAttribute<FunctionAttribute>()!.Name, verb, "/" + (trigger.Route!.StartsWith("{ignored", StringComparison.Ordinal) ? string.Empty : trigger.Route), trigger.AuthLevel != AuthorizationLevel.Anonymous);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("\"\\$ref\":\"#/([^\"]+)\"")]
    private static partial Regex Reference();
}
