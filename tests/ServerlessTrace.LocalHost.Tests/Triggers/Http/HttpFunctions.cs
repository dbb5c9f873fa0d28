using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Http;

public static class HttpFunctions
{
    [Function("Home")]
    public static IResult Home([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{ignored:maxlength(0)?}")] HttpRequest request) =>
        Results.Text($"home {request.Path}");

    [Function("Item")]
    public static IResult Item([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/items/{id:int}")] HttpRequest request, int id, CancellationToken cancellationToken) =>
        id == 404 ? Results.NotFound() : Results.Json(new { id, cancelled = cancellationToken.IsCancellationRequested });

    [Function("Upload")]
    public static async Task<IResult> Upload([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/items")] HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return Results.Ok(body.Length);
    }

    [Function("NameOnly")]
    public static string NameOnly([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => "by name";

    [Function("Object")]
    public static object Object([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/object")] HttpRequest request) => new { a = 1 };

    [Function("Failing")]
    public static IResult Failing([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/failing")] HttpRequest request) =>
        throw new JsonException("secret detail");

    [Function("Admin")]
    public static IResult Admin([HttpTrigger(AuthorizationLevel.Admin, "get", Route = "api/admin")] HttpRequest request) => Results.Text("admin");

    [Function("Guid")]
    public static IResult Guid([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/guids/{id}")] HttpRequest request, Guid id) => Results.Text($"{id}");
}

public static class AmbiguousFunctions
{
    [Function("ById")]
    public static IResult ById([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/traces/{id}")] HttpRequest request) => Results.Ok();

    [Function("Search")]
    public static IResult Search([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/traces/search")] HttpRequest request) => Results.Ok();
}
