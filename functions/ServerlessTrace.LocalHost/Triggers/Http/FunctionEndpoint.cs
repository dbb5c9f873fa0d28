using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Invocation;

namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>An HTTP function: where it is reached, who may call it, what a request becomes.</summary>
internal sealed class FunctionEndpoint
{
    private static readonly string[] AnyMethod = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private readonly HttpTriggerAttribute _trigger;
    private readonly FunctionInvoker _invoker;

    /// <exception cref="HostStartException">The route or a parameter is wrong.</exception>
    public FunctionEndpoint(HostedFunction function, string routePrefix)
    {
        Function = function;
        _trigger = (HttpTriggerAttribute)function.Trigger;
        if (_trigger.AuthLevel is AuthorizationLevel.User or AuthorizationLevel.System)
        {
            throw function.Wrong($"asks for AuthorizationLevel.{_trigger.AuthLevel}: this host knows Anonymous, Function and Admin");
        }

        if (function.TriggerParameter.ParameterType != typeof(HttpRequest))
        {
            throw function.Wrong($"takes a request as {function.TriggerParameter.ParameterType.Name}: use HttpRequest");
        }

        string route = string.IsNullOrEmpty(_trigger.Route) ? function.Name : _trigger.Route;
        try
        {
            Pattern = RoutePatternFactory.Parse(routePrefix.Length == 0 ? route : $"{routePrefix}/{route}");
        }
        catch (RoutePatternException malformed)
        {
            throw function.Wrong($"has the malformed route '{route}' ({malformed.Message.ReplaceLineEndings(" ")})");
        }

        Methods = _trigger.Methods is { Length: > 0 } methods ? [.. methods.Select(method => method.ToUpperInvariant())] : AnyMethod;
        HashSet<string> names = Pattern.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _invoker = new FunctionInvoker(
            function, new TriggerBinding(static run => ValueTask.FromResult<object?>(((HttpContext)run.Trigger!).Request), names));
    }

    public HostedFunction Function { get; }

    public RoutePattern Pattern { get; }

    public IReadOnlyList<string> Methods { get; }

    public AuthorizationLevel Level => _trigger.AuthLevel;

    public async Task RunAsync(HttpContext context, CancellationToken abort)
    {
        using Activity? span = FunctionSpans.Start(Function, context.Request, Pattern.RawText);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, abort);
        object? result = await _invoker.RunAsync(
            new FunctionRun(context, context.RequestServices, cancellation.Token) { Binding = context.Request.RouteValues });
        switch (result)
        {
            case IResult asIs:
                await asIs.ExecuteAsync(context);
                break;
            case string text:
                await Results.Text(text, "text/plain; charset=utf-8").ExecuteAsync(context);
                break;
            case null when !context.Response.HasStarted && Function.Method.ReturnType != typeof(Task) && Function.Method.ReturnType != typeof(void):
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case null:
                break;
            default:
                await Results.Json(result).ExecuteAsync(context);
                break;
        }

        FunctionSpans.Answered(span, context.Response);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Function.Name} ({string.Join('|', Methods)} /{Pattern.RawText})");
}
