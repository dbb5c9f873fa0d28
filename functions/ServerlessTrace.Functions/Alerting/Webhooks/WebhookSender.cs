using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>
/// Makes one attempt to deliver a message. It trusts the receiver with nothing: it follows no redirect, keeps no cookie, uses no proxy of the
/// environment, decompresses nothing, reads the beginning of the answer only, and waits so long and no longer.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    private const int ExcerptBytes = 1_024;
    private const int ExcerptCharacters = 500;
    private const int HeaderKibibytes = 16;

    /// <summary>Receivers are outside the house: they get the trace, and business ids alone.</summary>
    private static readonly TextMapPropagator Context = TracePropagators.CreateHttp(onlyIds: true);

    private static readonly ProductInfoHeaderValue UserAgent = new("ServerlessTrace-Webhooks", "1.0");

    private readonly WebhookOptions _options;
    private readonly TargetPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _http;

    /// <summary>A sender to targets that a policy allows.</summary>
    public WebhookSender(WebhookOptions options, TargetPolicy policy, TimeProvider clock)
    {
        _options = options;
        _policy = policy;
        _clock = clock;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = new GuardedConnection(policy).OpenAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKibibytes,
            MaxResponseDrainSize = ExcerptBytes,
            ResponseDrainTimeout = TimeSpan.FromMilliseconds(200),

            // A name is looked up again, and its address checked again, after so long.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        });
    }

    /// <summary>Sends a message and tells what came of it.</summary>
    /// <returns>The attempt, and how long the receiver wants to be left alone (zero where it did not say).</returns>
    public async Task<(DeliveryAttempt Attempt, TimeSpan RetryAfter)> SendAsync(Uri url, WebhookMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(message);
        DateTimeOffset at = _clock.GetUtcNow();
        if (_policy.Check(url.OriginalString, out _) is { } against)
        {
            // It was allowed when it was subscribed, and no longer is.
            return (new DeliveryAttempt(at, 0, null, string.Empty, against), TimeSpan.Zero);
        }

        long start = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using HttpRequestMessage request = Request(url, message, at);
            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token).ConfigureAwait(false);
            (string excerpt, string? error) = await ReadExcerptAsync(response, limit.Token).ConfigureAwait(false);
            var attempt = new DeliveryAttempt(at, Elapsed(start), (int)response.StatusCode, excerpt, error);
            return (attempt, RetryAfter(response));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && IsReceivers(failure))
        {
            return (new DeliveryAttempt(at, Elapsed(start), null, string.Empty, Describe(failure)), TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static double Elapsed(long start) => Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1);

    private static HttpRequestMessage Request(Uri url, WebhookMessage message, DateTimeOffset at)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(message.ContentType);
        request.Headers.UserAgent.Add(UserAgent);
        request.Headers.Add(WebhookSignature.IdHeader, message.Id);
        request.Headers.Add(WebhookSignature.TimestampHeader, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Context.Inject(WorkContext.Current, request.Headers, static (headers, name, value) => headers.TryAddWithoutValidation(name, value));
        request.Headers.TryAddWithoutValidation(WebhookSignature.SignatureHeader, WebhookSignature.Of(message.Secrets, message.Id, at, message.Body.Span));
        return request;
    }

    /// <summary>The beginning of the answer. That it breaks off, or drips, changes nothing about its status.</summary>
    private static async Task<(string Excerpt, string? Error)> ReadExcerptAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[ExcerptBytes];
        int length = 0;
        string? error = null;
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            for (int read = 1; read > 0 && length < bytes.Length; length += read)
            {
                read = await body.ReadAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (IsReceivers(failure))
        {
            error = "The answer's body was not complete: " + Describe(failure);
        }

        return (PlainText.Line(Encoding.UTF8.GetString(bytes, 0, length), ExcerptCharacters), error);
    }

    private TimeSpan RetryAfter(HttpResponseMessage response)
    {
        TimeSpan asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _clock.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked < _options.LongestRetryAfter ? asked : _options.LongestRetryAfter;
    }

    private static bool IsReceivers(Exception failure) =>
        failure is HttpRequestException or IOException or SocketException or OperationCanceledException or ForbiddenTargetException;

    private static string Describe(Exception failure) => failure switch
    {
        _ when failure.GetBaseException() is ForbiddenTargetException forbidden => PlainText.Line(forbidden.Message, ExcerptCharacters),
        OperationCanceledException => "It took too long.",
        _ => PlainText.Line(failure.GetBaseException().Message, ExcerptCharacters),
    };
}
