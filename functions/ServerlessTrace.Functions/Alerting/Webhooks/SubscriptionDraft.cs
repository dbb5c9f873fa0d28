using ServerlessTrace.Core.Alerting.Payloads;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>Makes a subscription of what was sent in, or says what is wrong with it.</summary>
internal sealed class SubscriptionDraft(TargetPolicy policy, TimeProvider clock)
{
    private const int LongestDescription = 500;
    private const int LongestKey = 128;
    private const int LongestName = 200;
    private const int MostNames = 50;

    /// <summary>The subscription.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="request">What was sent in.</param>
    /// <param name="existing">What it replaces; null for nothing.</param>
    /// <returns>The subscription, or what is wrong.</returns>
    public (WebhookSubscription? Subscription, string? Wrong) Make(string id, WebhookRequest request, WebhookSubscription? existing)
    {
        PayloadFormat format = PayloadFormat.Standard;
        if (request.Format is { } name && !AlertPayload.TryParse(name, out format))
        {
            return (null, $"'format' must be one of {AlertPayload.AllNames}.");
        }

        string? wrong = WhatIsWrong(request, format, existing);
        Uri? url = existing?.Url;
        if (wrong is null && (existing is null || IsOther(request.Url, existing)))
        {
            wrong = policy.Check(request.Url, out url);
        }
        else if (wrong is null && (existing! with { Format = format }).ShownUrl != existing!.ShownUrl)
        {
            // Whoever does not know a credential must not get it shown by calling it something else.
            wrong = "Another 'format' needs the 'url' again: of the present one not all is shown.";
        }

        WebhookSecret? secret = existing?.Secret;
        if (wrong is null && request.Secret is { } text && !WebhookSecret.TryParse(text, out secret))
        {
            wrong = $"'secret' must be 'whsec_' and the base64 of {WebhookSecret.ShortestBytes} to {WebhookSecret.LongestBytes} bytes.";
        }

        return wrong is null ? (Make(id, request, existing, format, url!, secret ?? WebhookSecret.Generate()), null) : (null, wrong);
    }

    private WebhookSubscription Make(string id, WebhookRequest request, WebhookSubscription? existing, PayloadFormat format, Uri url, WebhookSecret secret)
    {
        DateTimeOffset now = clock.GetUtcNow();
        bool isEnabled = request.Enabled ?? existing?.IsEnabled ?? true;
        return new WebhookSubscription(id, url, secret)
        {
            Format = format,
            Description = request.Description ?? string.Empty,
            Filter = new WebhookFilter
            {
                Rules = request.Filter?.Rules ?? [],
                Severities = request.Filter?.Severities ?? [],
                Services = request.Filter?.Services ?? [],
            },
            RoutingKey = format == PayloadFormat.PagerDuty ? request.RoutingKey ?? existing?.RoutingKey : null,
            IsEnabled = isEnabled,
            DisabledReason = isEnabled ? null : existing?.DisabledReason,
            PreviousSecret = existing?.PreviousSecret,
            PreviousSecretUntil = existing?.PreviousSecretUntil ?? default,
            CreatedAt = existing?.CreatedAt ?? now,
            UpdatedAt = now,
        };
    }

    private static string? WhatIsWrong(WebhookRequest request, PayloadFormat format, WebhookSubscription? existing) => request switch
    {
        { Secret: not null } when existing is not null => "'secret' is changed by POST to the subscription's '/secret', so that no message is lost meanwhile.",
        { Description.Length: > LongestDescription } => $"'description' has at most {LongestDescription} characters.",
        { RoutingKey: { } key } when key.Length is 0 or > LongestKey || !key.All(char.IsAsciiLetterOrDigit) =>
            $"'routingKey' must be 1 to {LongestKey} letters and digits.",
        { RoutingKey: not null } when format != PayloadFormat.PagerDuty => "'routingKey' is for the format pagerduty only.",
        { RoutingKey: null } when format == PayloadFormat.PagerDuty && existing?.RoutingKey is null => "The format pagerduty needs a 'routingKey'.",
        { RoutingKey: null } when format == PayloadFormat.PagerDuty && IsOther(request.Url, existing!) =>
            "Another 'url' needs the 'routingKey' again, which is sent there.",
        { Filter: { } filter } when !(IsList(filter.Rules) && IsList(filter.Services) && filter.Severities is not { Count: > MostNames }) =>
            $"A list of 'filter' has at most {MostNames} names of 1 to {LongestName} characters.",
        _ => null,
    };

    /// <summary>Whether a URL is given that is not the one shown.</summary>
    private static bool IsOther(string? url, WebhookSubscription existing) => url is not null && url != existing.ShownUrl;

    private static bool IsList(IReadOnlyList<string>? names) =>
        names is null || (names.Count <= MostNames && names.All(static name => name is { Length: > 0 and <= LongestName }));
}
