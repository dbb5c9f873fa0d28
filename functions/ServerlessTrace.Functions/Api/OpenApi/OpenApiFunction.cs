using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.Functions.Api.OpenApi;

/// <summary>The description of the HTTP API.</summary>
public static class OpenApiFunction
{
    /// <summary>OpenAPI 3.1, as JSON.</summary>
    [Function("OpenApi")]
    public static IResult Get([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/openapi.json")] HttpRequest request) =>
        Results.Text(OpenApiDocument.Text, "application/json");
}
