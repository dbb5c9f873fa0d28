using ServerlessTrace.Core.Alerting.Payloads;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>Where alerts are sent, which, and how.</summary>
/// <param name="Id">Its id; see <see cref="IsValidId"/>.</param>
/// <param name="Url">Where to. With some receivers it is a credential.</param>
/// <param name="Secret">What messages are signed with.</param>
public sealed record WebhookSubscription(string Id, Uri Url, WebhookSecret Secret)
{
    private const int LongestId = 63;

    /// <summary>How notifications are written.</summary>
    public PayloadFormat Format { get; init; }

    /// <summary>Which alerts it is about.</summary>
    public WebhookFilter Filter { get; init; } = WebhookFilter.All;

    /// <summary>What people call it.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>PagerDuty's routing key, a credential; null with other formats.</summary>
    public string? RoutingKey { get; init; }

    /// <summary>Whether anything is sent.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Why it was disabled by itself; null where it was not.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>The secret before <see cref="Secret"/>, which signs too until <see cref="PreviousSecretUntil"/>; null for none.</summary>
    public WebhookSecret? PreviousSecret { get; init; }

    /// <summary>Until when <see cref="PreviousSecret"/> is valid.</summary>
    public DateTimeOffset PreviousSecretUntil { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether a text may be an id: 1 to 63 lower-case letters, digits and hyphens, a letter or digit first. Safe in keys and URLs.</summary>
    public static bool IsValidId(string? id) =>
        id is { Length: > 0 and <= LongestId } && id[0] != '-' && id.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>
    /// The URL without what may be a credential: the path of Slack's and Teams', and any query.
    /// </summary>
    public string ShownUrl => Format is PayloadFormat.Slack or PayloadFormat.Teams
        ? Url.GetLeftPart(UriPartial.Authority) + "/…"
        : Url.GetLeftPart(UriPartial.Path) + (Url.Query.Length > 0 ? "?…" : string.Empty);

    /// <summary>The secrets that are valid at a time, the newest first.</summary>
    public IEnumerable<WebhookSecret> SecretsAt(DateTimeOffset now) => PreviousSecret is { } previous && now < PreviousSecretUntil ? [Secret, previous] : [Secret];

    /// <summary>The id alone: whatever is logged of a subscription, its credentials are not.</summary>
    public override string ToString() => Id;
}
