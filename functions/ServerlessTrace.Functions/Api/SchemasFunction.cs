using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Schemas;

namespace ServerlessTrace.Functions.Api;

/// <summary>What senders should write, for their tools and tests.</summary>
public static class SchemasFunction
{
    /// <summary>The JSON Schema of span logs.</summary>
    [Function("GetSpanLogSchema")]
    public static IResult GetSpanLog([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/schemas/span-log.json")] HttpRequest request) =>
        Results.Bytes(SpanLogSchema.Json, "application/schema+json");
}
