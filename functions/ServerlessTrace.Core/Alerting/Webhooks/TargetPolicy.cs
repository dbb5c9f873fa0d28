namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>
/// Which URLs webhooks may be sent to. Whoever may subscribe must not be able to reach into the network: only HTTPS, only ports that web
/// servers use, and (at connect time, see <see cref="PublicAddress"/>) only public addresses. Hosts that the operator trusts may be anything.
/// </summary>
public sealed class TargetPolicy
{
    /// <summary>The longest URL in characters.</summary>
    public const int LongestUrl = 2_048;

    private const int HttpsPort = 443;
    private const int FirstUserPort = 1_024;

    /// <summary>Ports of other protocols that browsers do not call either (WHATWG Fetch, "port blocking"), and of common stores, as far as they are above 1023.</summary>
    private static readonly HashSet<int> OtherProtocols =
    [
        1433, 1521, 1719, 1720, 1723, 2049, 2375, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379, 6566, 6665, 6666, 6667,
        6668, 6669, 6679, 6697, 8086, 9042, 9092, 9200, 9300, 10080, 10250, 11211, 27017,
    ];

    private readonly HashSet<string> _trusted;

    /// <summary>A policy with hosts that may be called at whatever address, by plain HTTP too.</summary>
    /// <param name="trustedHosts">Names or addresses as they stand in a URL, each alone (any port) or with a port.</param>
    public TargetPolicy(IEnumerable<string> trustedHosts)
    {
        ArgumentNullException.ThrowIfNull(trustedHosts);
        _trusted = new HashSet<string>(trustedHosts.Select(static host => host.Trim()), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a host is trusted.</summary>
    /// <param name="host">A host as <see cref="Uri.IdnHost"/> gives it.</param>
    /// <param name="port">The port.</param>
    public bool IsTrusted(string host, int port) => _trusted.Contains(host) || _trusted.Contains($"{host}:{port}");

    /// <summary>Why a URL cannot be a target, for the one who gave it; null when it can be.</summary>
    /// <param name="text">The URL as given.</param>
    /// <param name="url">The URL; null where there is something against it.</param>
    public string? Check(string? text, out Uri? url)
    {
        url = null;
        if (text is null || text.Length > LongestUrl || !Uri.TryCreate(text, UriKind.Absolute, out Uri? given)
            || (given.Scheme != Uri.UriSchemeHttps && given.Scheme != Uri.UriSchemeHttp))
        {
            return $"'url' must be an absolute HTTPS URL of at most {LongestUrl} characters.";
        }

        string? against = WhatIsWrong(given);
        url = against is null ? given : null;
        return against;
    }

    private string? WhatIsWrong(Uri url)
    {
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0 || url.OriginalString.AsSpan().ContainsAny('#', '\\'))
        {
            return "'url' must not contain a user, a password, a fragment or a backslash.";
        }

        if (IsTrusted(url.IdnHost, url.Port))
        {
            return null;
        }

        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return "'url' must be HTTPS. The operator can allow a host by the setting Webhooks:AllowedHosts.";
        }

        return url.Port == HttpsPort || (url.Port >= FirstUserPort && !OtherProtocols.Contains(url.Port))
            ? null
            : $"'url' has a port that no web server uses: {url.Port}.";
    }
}
