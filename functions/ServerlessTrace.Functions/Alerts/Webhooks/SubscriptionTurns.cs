using System.Collections.Concurrent;

namespace ServerlessTrace.Functions.Alerts.Webhooks;

/// <summary>
/// Who may send now: so many attempts for one subscription at once and no more, so that a slow receiver never takes the places that
/// others need. Who gets no turn comes again later and holds nothing meanwhile.
/// </summary>
public sealed class SubscriptionTurns(WebhookOptions options)
{
    private readonly ConcurrentDictionary<string, int> _running = new(StringComparer.Ordinal);

    /// <summary>Takes a turn; false where all are taken.</summary>
    public bool TryEnter(string subscriptionId)
    {
        if (_running.AddOrUpdate(subscriptionId, 1, static (_, running) => running + 1) <= options.ConcurrentAttempts)
        {
            return true;
        }

        Leave(subscriptionId);
        return false;
    }

    /// <summary>Gives a turn back.</summary>
    public void Leave(string subscriptionId)
    {
        int left = _running.AddOrUpdate(subscriptionId, 0, static (_, running) => running - 1);
        if (left == 0)
        {
            _running.TryRemove(KeyValuePair.Create(subscriptionId, 0));
        }
    }
}
