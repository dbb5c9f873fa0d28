using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Functions.Api.Links;

/// <summary>Links that are sent out.</summary>
public sealed class LinkOptions
{
    /// <summary>
    /// Where the service is reached from outside, such as <c>https://traces.example.com</c>. Where it is not said: the site's own host name in
    /// Azure (<c>WEBSITE_HOSTNAME</c>), the local host's address elsewhere.
    /// </summary>
    [Url]
    public string? PublicUrl { get; set; }

    /// <summary>How long a link opens. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(7);
}
