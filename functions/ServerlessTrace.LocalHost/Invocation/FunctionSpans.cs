using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>
/// A span for each run of a function, as the platform makes one. A request's is part of its caller's trace. Orchestrators run again and again for
/// one piece of work, and timers mostly for nothing: they have none.
/// </summary>
internal static class FunctionSpans
{
    public const string SourceName = "ServerlessTrace.LocalHost";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the span of a function that an event triggers; null where it has none, or nobody listens.</summary>
    public static Activity? Start(HostedFunction function) => function.Trigger switch
    {
        QueueTriggerAttribute or BlobTriggerAttribute => Start(function.Name, ActivityKind.Consumer, default),
        ActivityTriggerAttribute => Start(function.Name, ActivityKind.Internal, default),
        _ => null,
    };

    /// <summary>Begins the span of a request, in the trace that its headers name.</summary>
    public static Activity? Start(HostedFunction function, HttpRequest request, string? route)
    {
        PropagationContext caller = TracePropagators.Http.Extract(default, request.Headers, static (headers, name) => headers[name]);
        Baggage.Current = caller.Baggage;
        return Start(function.Name, ActivityKind.Server, caller.ActivityContext)
            ?.SetTag("http.request.method", request.Method)
            .SetTag("http.route", route)
            .SetTag("url.path", request.Path.Value);
    }

    /// <summary>Says how a request was answered.</summary>
    public static void Answered(Activity? span, HttpResponse response)
    {
        span?.SetTag("http.response.status_code", response.StatusCode);
        if (response.StatusCode >= 500)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        // What runs already is the server's own activity, which nobody exports: it must not come between caller and function.
        Activity.Current = null;
        return Source.StartActivity(name, kind, parent)?.SetTag("faas.invoked_name", name);
    }
}
