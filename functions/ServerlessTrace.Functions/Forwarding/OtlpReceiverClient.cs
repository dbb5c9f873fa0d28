using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Storage.Forwarding;

namespace ServerlessTrace.Functions.Forwarding;

/// <summary>Posts OTLP/HTTP requests to the configured receiver.</summary>
/// <remarks>OpenTelemetry Protocol Specification 1.x, "OTLP/HTTP Response" and "Failures".</remarks>
public sealed partial class OtlpReceiverClient : IDisposable
{
    private readonly ILogger<OtlpReceiverClient> _log;
    private readonly HttpClient _http;
    private readonly Uri? _endpoint;
    private readonly MediaTypeHeaderValue _mediaType;

    /// <summary>A client for the receiver that the options name.</summary>
    public OtlpReceiverClient(ForwardOptions options, ILogger<OtlpReceiverClient> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        _log = log;
        _mediaType = new MediaTypeHeaderValue(options.Encoding == ForwardEncoding.Json ? "application/json" : "application/x-protobuf");
        _endpoint = options.IsOn ? new Uri(options.Endpoint!) : null;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = options.Timeout };
        foreach (string header in options.Headers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = header.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                _http.DefaultRequestHeaders.TryAddWithoutValidation(header[..equals].Trim(), Uri.UnescapeDataString(header[(equals + 1)..].Trim()));
            }
        }
    }

    /// <summary>Posts a request in the encoding that the options name. True when the receiver has it, or will never take it; false when it is to be sent again later.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(request.Span);
        }

        using var content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
        content.Headers.ContentType = _mediaType;
        content.Headers.ContentEncoding.Add("gzip");
        try
        {
            using HttpResponseMessage response = await _http.PostAsync(_endpoint, content, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return true;
            }

            // What is wrong with the request itself stays wrong; whatever else may be mended over there.
            bool isHopeless = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;
            LogRefused(_endpoint!.Host, (int)response.StatusCode, isHopeless ? "these traces are given up" : "they are sent again later");
            return isHopeless;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnreachable(_endpoint!.Host, exception.GetBaseException().Message);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The receiver of forwarded traces, {Host}, answered {Status}: {Consequence}")]
    private partial void LogRefused(string host, int status, string consequence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The receiver of forwarded traces, {Host}, cannot be reached ({Reason}): they are sent again later")]
    private partial void LogUnreachable(string host, string reason);
}
