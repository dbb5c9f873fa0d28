using System.Diagnostics;
using System.Globalization;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Http;

/// <summary>
/// Gives every request of an <see cref="HttpClient"/> a CLIENT span and the context. Add it innermost, inside retries: each try is a span of its
/// own. Where OpenTelemetry's instrumentation of <c>HttpClient</c> is on, use that with <see cref="TracePropagators.Http"/> instead.
/// </summary>
/// <param name="propagator">What writes the headers; default <see cref="TracePropagators.Http"/>.</param>
public sealed class TraceContextHandler(TextMapPropagator? propagator = null) : DelegatingHandler
{
    private readonly TextMapPropagator _propagator = propagator ?? TracePropagators.Http;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using Activity? span = WorkSource.Start(request.Method.Method, ActivityKind.Client);
        Describe(span, request);
        Inject(request);
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            Describe(span, response);
            return response;
        }
        catch (Exception exception)
        {
            SpanFailure.Set(span, exception);
            throw;
        }
    }

    /// <summary>A request that is sent again has the headers of its first try: those go, since two would make both void.</summary>
    private void Inject(HttpRequestMessage request)
    {
        foreach (string field in _propagator.Fields ?? new HashSet<string>())
        {
            request.Headers.Remove(field);
        }

        _propagator.Inject(WorkContext.Current, request.Headers, static (headers, name, value) => headers.TryAddWithoutValidation(name, value));
    }

    private static void Describe(Activity? span, HttpRequestMessage request)
    {
        if (span is { IsAllDataRequested: true } && request.RequestUri is { IsAbsoluteUri: true } url)
        {
            span.SetTag("http.request.method", request.Method.Method);
            span.SetTag("server.address", url.Host);
            span.SetTag("server.port", url.Port);

            // Without user and query: they are where secrets are.
            span.SetTag("url.full", url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));
        }
    }

    private static void Describe(Activity? span, HttpResponseMessage response)
    {
        if (span is null)
        {
            return;
        }

        int status = (int)response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= 400)
        {
            span.SetTag(SpanFailure.ErrorType, status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
