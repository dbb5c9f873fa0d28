
namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>Maps HTTP functions to their routes, behind the check of keys and the intake gate.</summary>
internal sealed class FunctionRouting(FunctionKeys keys, Func<string?> refusal, ILogger logger, CancellationToken abort)
{
    private const string KeyHeader = "x-functions-key";
    private const string KeyParameter = "code";

    public void Map(WebApplication app, IReadOnlyList<FunctionEndpoint> endpoints)
    {
        var policies = app.Services.GetRequiredService<ParameterPolicyFactory>();
        if (new RouteOverlap(policies).Find(endpoints) is var (first, second))
        {
            throw new HostStartException($"Two functions answer the same URL: {first} and {second}.");
        }

        app.UseRouting();
        app.Use(AdmitAsync);
        foreach (FunctionEndpoint endpoint in endpoints)
        {
            app.MapMethods(endpoint.Pattern.RawText!, endpoint.Methods, context => ServeAsync(endpoint, context)).WithMetadata(endpoint);
        }
    }

    private static string? KeyOf(HttpRequest request) =>
        request.Headers.TryGetValue(KeyHeader, out var header) ? header.ToString() : request.Query[KeyParameter].ToString();

    private static Task ProblemAsync(HttpContext context, int status, string? detail = null)
    {
        context.Response.Clear();
        return Results.Problem(detail, statusCode: status).ExecuteAsync(context);
    }

    private static bool Writes(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method);

    /// <summary>Refuses requests with the platform's answers: an empty body, and none of the headers that the service sets.</summary>
    private Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        // Routing gives a wrong method an endpoint of its own.
        FunctionEndpoint? endpoint = context.GetEndpoint()?.Metadata.GetMetadata<FunctionEndpoint>();
        if (endpoint is not null && keys.Allow(endpoint.Level, KeyOf(context.Request)))
        {
            return next(context);
        }

        context.SetEndpoint(null);
        context.Response.StatusCode = endpoint is not null ? StatusCodes.Status401Unauthorized
            : context.Request.Path == "/" ? StatusCodes.Status204NoContent
            : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task ServeAsync(FunctionEndpoint endpoint, HttpContext context)
    {
        if (Writes(context.Request) && refusal() is { } reason)
        {
            await ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, reason);
            return;
        }

        try
        {
            await endpoint.RunAsync(context, abort);
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            await ProblemAsync(context, bad.StatusCode, bad.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer.
        }
#pragma warning disable CA1031 // Whatever a function throws is its failure, not the host's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.HttpFunctionFailed(logger, endpoint.Function.Name, context.Request.Method, context.Request.Path, failure);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await ProblemAsync(context, StatusCodes.Status500InternalServerError);
        }
    }
}
