using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Http;

/// <summary>
/// Goes on with the context of each request: a SERVER span (ASP.NET Core's own where somebody listens to it), the ambient baggage with a
/// correlation id, the ids on log lines, and <c>X-Correlation-Id</c> and <c>X-Request-Id</c> in the response, so that callers can quote them.
/// </summary>
/// <param name="next">What comes after.</param>
/// <param name="options">How.</param>
/// <param name="logger">Whose scope gets the ids; scopes hold for all loggers of the request.</param>
public sealed class TraceContextMiddleware(RequestDelegate next, TraceContextOptions options, ILogger<TraceContextMiddleware> logger)
{
    private const string PlatformSource = "Microsoft.AspNetCore";

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        PropagationContext received = options.Propagator.Extract(default, context.Request.Headers, static (headers, name) => headers[name]);
        Activity? platform = Activity.Current is { } current && current.Source.Name == PlatformSource ? current : null;
        AmbientContext before = WorkContext.Enter(received);
        Activity? own = null;
        if (platform is null)
        {
            // What may be current is a span that exists for log lines only: nobody listens to it, so it is nobody's parent.
            Activity.Current = null;
            own = Start(context, received);
        }
        else
        {
            Activity.Current = platform;
        }

        if ((own ?? platform) is { } span)
        {
            CorrelationScope.Tag(span, options.Ids);
        }

        using IDisposable _ = BeginCorrelation(context, platform ?? own, received);
        try
        {
            await next(context).ConfigureAwait(false);
            Describe(own, context);
        }
        catch (Exception exception)
        {
            SpanFailure.Set(own, exception);
            throw;
        }
        finally
        {
            own?.Dispose();
            WorkContext.Leave(before);
        }
    }

    private static Activity? Start(HttpContext context, PropagationContext received)
    {
        // Minimal hosting routes before any middleware: then a span_start has the right name already.
        HttpRequest request = context.Request;
        string? route = RouteOf(context);
        string name = route is null ? request.Method : $"{request.Method} {route}";
        Activity? activity = WorkSource.Start(name, ActivityKind.Server, received.ActivityContext);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("http.request.method", request.Method);
            activity.SetTag("url.scheme", request.Scheme);
            activity.SetTag("url.path", request.Path.Value);
            activity.SetTag("server.address", request.Host.Host);
        }

        return activity;
    }

    private static string? RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;

    private CorrelationScope BeginCorrelation(HttpContext context, Activity? span, PropagationContext received)
    {
        Dictionary<string, string> ids = [];
        string? correlation = received.Baggage.GetBaggage(ContextHeaders.CorrelationIdField);
        if (correlation is null && options.CreateCorrelationId)
        {
            // The trace's own id: what is correlated with it later can be found from either.
            correlation = span?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
            ids.Add(ContextHeaders.CorrelationIdField, correlation);
        }

        string? request = received.Baggage.GetBaggage(ContextHeaders.RequestIdField);
        if (options.RespondWithIds)
        {
            context.Response.OnStarting(() =>
            {
                Respond(context.Response, ContextHeaders.CorrelationId, correlation);
                Respond(context.Response, ContextHeaders.RequestId, request);
                return Task.CompletedTask;
            });
        }

        return CorrelationScope.Begin(ids, options.Ids, logger);
    }

    private static void Respond(HttpResponse response, string header, string? id)
    {
        if (id is not null && CorrelationPropagator.IsId(id))
        {
            response.Headers.TryAdd(header, id);
        }
    }

    private static void Describe(Activity? own, HttpContext context)
    {
        if (own is not { IsAllDataRequested: true })
        {
            return;
        }

        if (RouteOf(context) is { } route)
        {
            own.DisplayName = $"{context.Request.Method} {route}";
            own.SetTag("http.route", route);
        }

        int status = context.Response.StatusCode;
        own.SetTag("http.response.status_code", status);
        if (status >= 500)
        {
            own.SetTag(SpanFailure.ErrorType, status.ToString(CultureInfo.InvariantCulture));
            own.SetStatus(ActivityStatusCode.Error);
        }
    }
}
