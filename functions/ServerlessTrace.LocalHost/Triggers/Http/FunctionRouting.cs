
namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>Puts HTTP functions behind their routes: keys, problem details, the intake gate.</summary>
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

        app.Use(DescribeEmptyErrorsAsync);
        app.UseRouting();
        foreach (FunctionEndpoint endpoint in endpoints)
        {
            app.MapMethods(endpoint.Pattern.RawText!, endpoint.Methods, context => ServeAsync(endpoint, context));
        }
    }

    private static string? KeyOf(HttpRequest request) =>
        request.Headers.TryGetValue(KeyHeader, out var header) ? header.ToString() : request.Query[KeyParameter].ToString();

    private static Task ProblemAsync(HttpContext context, int status, string? detail = null)
    {
        context.Response.Clear();
        return Results.Problem(detail, statusCode: status).ExecuteAsync(context);
    }

    // 404 and 405 come from routing, 413 and the like from the server: none has a body of its own.
    private static async Task DescribeEmptyErrorsAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        HttpResponse response = context.Response;
        if (!response.HasStarted && response.StatusCode >= 400 && response.ContentLength is null && string.IsNullOrEmpty(response.ContentType))
        {
            await Results.Problem(statusCode: response.StatusCode).ExecuteAsync(context);
        }
    }

    private static bool Writes(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method);

    private async Task ServeAsync(FunctionEndpoint endpoint, HttpContext context)
    {
        if (!keys.Allow(endpoint.Level, KeyOf(context.Request)))
        {
            await ProblemAsync(
                context, StatusCodes.Status401Unauthorized, $"This needs a valid key, in the header '{KeyHeader}' or the query parameter '{KeyParameter}'.");
            return;
        }

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
