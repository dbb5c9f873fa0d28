using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Secrets;

namespace ServerlessTrace.Functions.Api.Links;

/// <summary>
/// Links to one trace's report that open without a key, for reading only and for a time only: the signature is an HMAC-SHA256 of path and
/// expiry with a key that never leaves storage.
/// </summary>
public sealed class SignedLinks(LinkKeyStore keys, ServiceAddress address, LinkOptions options, TimeProvider clock)
{
    /// <summary>The path under which links open.</summary>
    public const string Root = "api/shared/traces";

    private const string Expires = "expires";
    private const string Signature = "signature";

    /// <summary>A link to a trace's report.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="from">From when its lifetime counts: the same moment makes the same link.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Uri> ToReportAsync(TraceId trace, DateTimeOffset from, CancellationToken cancellationToken)
    {
        string path = $"/{Root}/{trace}/report";
        string expires = (from + options.Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string signature = await SignAsync(path, expires, cancellationToken).ConfigureAwait(false);
        return new Uri(address.Value, $"{path[1..]}?{Expires}={expires}&{Signature}={signature}");
    }

    /// <summary>What a request's signature is worth for its path now.</summary>
    public async Task<LinkState> CheckAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string expires = request.Query[Expires].ToString();
        string expected = await SignAsync(PathOf(request), expires, cancellationToken).ConfigureAwait(false);
        bool isSigned = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(request.Query[Signature].ToString()));
        if (!isSigned || !long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out long end))
        {
            return LinkState.Invalid;
        }

        return clock.GetUtcNow().ToUnixTimeSeconds() <= end ? LinkState.Valid : LinkState.Expired;
    }

    /// <summary>The path as it was signed: from the part that is the service's own, whatever lies before it.</summary>
    private static string PathOf(HttpRequest request)
    {
        string path = request.Path.ToString();
        int start = path.IndexOf($"/{Root}/", StringComparison.OrdinalIgnoreCase);
        return start < 0 ? path : path[start..];
    }

    private async Task<string> SignAsync(string path, string expires, CancellationToken cancellationToken)
    {
        byte[] key = await keys.GetAsync(cancellationToken).ConfigureAwait(false);
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{path}\n{expires}")));
    }
}
