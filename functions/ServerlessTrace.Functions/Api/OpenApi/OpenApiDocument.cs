using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace ServerlessTrace.Functions.Api.OpenApi;

/// <summary>
/// The HTTP API as OpenAPI 3.1. Paths, methods, parameters of paths and keys are those of the functions themselves, so nothing is ever missing or left over;
/// <c>operations.json</c> says in words what they do, and which queries, bodies and answers they have. Schemas are those of the types that are answered.
/// </summary>
internal static class OpenApiDocument
{
    /// <summary>The document of the functions in this assembly.</summary>
    public static string Text { get; } = Create(typeof(OpenApiDocument).Assembly).ToJsonString(new JsonSerializerOptions { WriteIndented = true });

    private static JsonObject Create(System.Reflection.Assembly assembly)
    {
        JsonObject described = Described();
        var paths = new JsonObject();
        var schemas = new JsonObject { ["Problem"] = ProblemSchema() };
        foreach (ApiOperation operation in ApiOperation.Of(assembly))
        {
            if (!paths.ContainsKey(operation.Path))
            {
                paths[operation.Path] = new JsonObject();
            }

            paths[operation.Path]![operation.Method] = Describe(operation, described[operation.Function]?.AsObject() ?? [], schemas);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "ServerlessTrace", ["version"] = "1", ["description"] = "Traces from span logs: search, reports, statistics, alerts. Errors are problem details (RFC 9457)." },
            ["security"] = new JsonArray(new JsonObject { ["header"] = new JsonArray() }, new JsonObject { ["query"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["securitySchemes"] = SecuritySchemes(), ["schemas"] = schemas },
        };
    }

    /// <summary>What is said of each function, by its name.</summary>
    internal static JsonObject Described()
    {
        using Stream stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("OpenApi.operations.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    private static JsonObject Describe(ApiOperation operation, JsonObject said, JsonObject schemas)
    {
        var result = new JsonObject { ["operationId"] = operation.Function, ["summary"] = said["summary"]?.DeepClone() ?? operation.Function };
        JsonNode[] parameters =
        [
            .. operation.Parameters.Select(static name => Parameter(name, "path", null)),
            .. (said["query"]?.AsObject() ?? []).Select(static entry => Parameter(entry.Key, "query", entry.Value!.GetValue<string>())),
        ];
        if (parameters.Length > 0)
        {
            result["parameters"] = new JsonArray(parameters);
        }

        if (said["body"] is JsonArray body)
        {
            result["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(body, null) };
        }

        result["responses"] = Responses(said, schemas);
        if (!operation.NeedsKey)
        {
            result["security"] = new JsonArray();
        }

        return result;
    }

    private static JsonObject Responses(JsonObject said, JsonObject schemas)
    {
        var answer = new JsonObject { ["description"] = "Fine." };
        string? schema = (string?)said["schema"];
        if (schema is not null)
        {
            AddSchema(schemas, schema);
            answer["content"] = Content(new JsonArray("application/json"), schema);
        }
        else if (said["produces"] is JsonArray produces)
        {
            answer["content"] = Content(produces, null);
        }

        return new JsonObject
        {
            [((int?)said["status"] ?? 200).ToString(System.Globalization.CultureInfo.InvariantCulture)] = answer,
            ["default"] = new JsonObject { ["description"] = "What is wrong.", ["content"] = Content(new JsonArray("application/problem+json"), "Problem") },
        };
    }

    private static JsonObject Parameter(string name, string place, string? description)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["schema"] = new JsonObject { ["type"] = "string" } };
        if (place == "path")
        {
            parameter["required"] = true;
        }

        if (description is not null)
        {
            parameter["description"] = description;
        }

        return parameter;
    }

    private static JsonObject Content(JsonArray mediaTypes, string? schema)
    {
        var content = new JsonObject();
        foreach (string? mediaType in mediaTypes.Select(static type => (string?)type))
        {
            content[mediaType!] = schema is null ? new JsonObject() : new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" } };
        }

        return content;
    }

    /// <summary>The schema of an answered type, which the serializer knows by its name.</summary>
    private static void AddSchema(JsonObject schemas, string name)
    {
        if (!schemas.ContainsKey(name))
        {
            JsonTypeInfo info = typeof(HttpJson).GetProperty(name)?.GetValue(HttpJson.Default) as JsonTypeInfo ?? throw new InvalidOperationException($"{name} is not in HttpJson.");
            schemas[name] = Rooted(info.GetJsonSchemaAsNode(), $"#/components/schemas/{name}");
        }
    }

    /// <summary>References within a schema begin at its own root, which is not the document's.</summary>
    private static JsonNode? Rooted(JsonNode? node, string root) => node switch
    {
        JsonObject map => new JsonObject(map.Select(entry => KeyValuePair.Create(
            entry.Key, entry.Key == "$ref" ? JsonValue.Create(root + ((string)entry.Value!)[1..]) : Rooted(entry.Value, root)))),
        JsonArray list => new JsonArray([.. list.Select(item => Rooted(item, root))]),
        _ => node?.DeepClone(),
    };

    private static JsonObject ProblemSchema() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string" },
            ["title"] = new JsonObject { ["type"] = "string" },
            ["status"] = new JsonObject { ["type"] = "integer" },
            ["detail"] = new JsonObject { ["type"] = "string" },
        },
    };

    private static JsonObject SecuritySchemes() => new()
    {
        ["header"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-functions-key" },
        ["query"] = new JsonObject { ["type"] = "apiKey", ["in"] = "query", ["name"] = "code" },
    };
}
