using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>Webhook subscriptions: who is told of which alerts. A secret is shown in the answer that makes it, and never again.</summary>
public sealed class WebhooksFunctions(SubscriptionStore subscriptions, DeliveryStore deliveries, TargetPolicy policy, TimeProvider clock)
{
    private const int MostSubscriptions = 100;
    private const double DefaultOverlapHours = 24;
    private const double LongestOverlapHours = 24 * 30;

    private readonly SubscriptionDraft _draft = new(policy, clock);

    /// <summary>All subscriptions.</summary>
    [Function("ListWebhooks")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/webhooks")] HttpRequest request, CancellationToken cancellationToken)
    {
        List<StoredSubscription> all = await subscriptions.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Results.Json(
            new WebhookListResponse([.. all.Select(static stored => WebhookResponse.Of(stored.Subscription))]), WebhookJson.Default.WebhookListResponse);
    }

    /// <summary>Creates a subscription with an id of ours.</summary>
    [Function("CreateWebhook")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/webhooks")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return WriteAsync(request, Guid.NewGuid().ToString("n"), cancellationToken);
    }

    /// <summary>Creates or replaces a subscription; <c>If-Match</c> and <c>If-None-Match: *</c> are heeded.</summary>
    [Function("PutWebhook")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/webhooks/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return WriteAsync(request, id, cancellationToken);
    }

    /// <summary>One subscription.</summary>
    [Function("GetWebhook")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/webhooks/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return WebhookProblem.NoSubscription();
        }

        EntityTag.Set(request, stored.RowVersion);
        return Results.Json(WebhookResponse.Of(stored.Subscription), WebhookJson.Default.WebhookResponse);
    }

    /// <summary>Deletes a subscription with its deliveries.</summary>
    [Function("DeleteWebhook")]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/webhooks/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return WebhookProblem.NoSubscription();
        }

        if (EntityTag.Check(request, stored.RowVersion) is { } refused)
        {
            return refused;
        }

        if (!await subscriptions.TryDeleteAsync(stored, cancellationToken).ConfigureAwait(false))
        {
            return WebhookProblem.Changed();
        }

        await deliveries.DeleteAsync(id, cancellationToken).ConfigureAwait(false);
        return Results.NoContent();
    }

    /// <summary>Changes the secret. The one before signs too for a while, so that the receiver may change when it likes.</summary>
    [Function("RotateWebhookSecret")]
    public async Task<IResult> RotateAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/webhooks/{id}/secret")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (SecretRequest? wanted, IResult? wrong) = await WebhookBody.ReadAsync(
            request, WebhookJson.Default.SecretRequest, new SecretRequest(null, null), cancellationToken).ConfigureAwait(false);
        if (wanted is null)
        {
            return wrong!;
        }

        double hours = wanted.OverlapHours ?? DefaultOverlapHours;
        if (hours is not (>= 0 and <= LongestOverlapHours))
        {
            return Problem.BadRequest($"'overlapHours' must be a number from 0 to {LongestOverlapHours}.");
        }

        WebhookSecret? secret = WebhookSecret.Generate();
        if (wanted.Secret is { } given && !WebhookSecret.TryParse(given, out secret))
        {
            return Problem.BadRequest("'secret' must be 'whsec_' and the base64 of 24 to 64 bytes.");
        }

        if (await subscriptions.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return WebhookProblem.NoSubscription();
        }

        DateTimeOffset now = clock.GetUtcNow();
        WebhookSubscription rotated = stored.Subscription with
        {
            Secret = secret,
            PreviousSecret = stored.Subscription.Secret,
            PreviousSecretUntil = now.AddHours(hours),
            UpdatedAt = now,
        };
        return await StoreAsync(request, rotated, stored, showsSecret: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IResult> WriteAsync(HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (!WebhookSubscription.IsValidId(id))
        {
            return Problem.BadRequest("An id is 1 to 63 lower-case letters, digits and hyphens, and begins with no hyphen.");
        }

        (WebhookRequest? wanted, IResult? wrong) = await WebhookBody.ReadAsync(
            request, WebhookJson.Default.WebhookRequest, null, cancellationToken).ConfigureAwait(false);
        if (wanted is null)
        {
            return wrong!;
        }

        List<StoredSubscription> all = await subscriptions.ReadAsync(cancellationToken).ConfigureAwait(false);
        StoredSubscription? existing = all.Find(stored => stored.Subscription.Id == id);
        if (EntityTag.Check(request, existing?.RowVersion) is { } refused)
        {
            return refused;
        }

        if (existing is null && all.Count >= MostSubscriptions)
        {
            return Problem.Conflict($"There are {MostSubscriptions} subscriptions, and no more are allowed.");
        }

        (WebhookSubscription? subscription, string? against) = _draft.Make(id, wanted, existing?.Subscription);
        return subscription is null
            ? Problem.BadRequest(against!)
            : await StoreAsync(request, subscription, existing, showsSecret: existing is null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IResult> StoreAsync(
        HttpRequest request, WebhookSubscription subscription, StoredSubscription? existing, bool showsSecret, CancellationToken cancellationToken)
    {
        if (await subscriptions.TryWriteAsync(subscription, existing, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return WebhookProblem.Changed();
        }

        EntityTag.Set(request, stored.RowVersion);
        if (existing is null)
        {
            request.HttpContext.Response.Headers.Location = $"{request.PathBase}/api/webhooks/{subscription.Id}";
        }

        return Results.Json(
            WebhookResponse.Of(subscription, showsSecret),
            WebhookJson.Default.WebhookResponse,
            statusCode: existing is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
