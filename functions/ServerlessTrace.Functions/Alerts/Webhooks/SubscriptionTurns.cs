using System.Collections.Concurrent;

namespace ServerlessTrace.Functions.Alerts.Webhooks;

/// <summary>
/// Who may send now: so many attempts for one subscription at once and no more, and only one while its receiver is slow, so that slow receivers
/// never take the places that others need. Who gets no turn comes again later and holds nothing meanwhile.
/// </summary>
public sealed class SubscriptionTurns(WebhookOptions options)
{
    private readonly ConcurrentDictionary<string, int> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _slow = new(StringComparer.Ordinal);

    /// <summary>Takes a turn; false where all are taken.</summary>
    public bool TryEnter(string subscriptionId)
    {
        int most = _slow.ContainsKey(subscriptionId) ? 1 : options.ConcurrentAttempts;
        if (_running.AddOrUpdate(subscriptionId, 1, static (_, running) => running + 1) <= most)
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

    /// <summary>Remembers how long the latest attempt took.</summary>
    public void Note(string subscriptionId, double latencyMs)
    {
        if (latencyMs > options.Timeout.TotalMilliseconds / 2)
        {
            _slow[subscriptionId] = true;
        }
        else
        {
            _slow.TryRemove(subscriptionId, out _);
        }
    }
}
