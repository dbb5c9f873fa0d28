namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>
/// Who may send now, so that slow receivers never take the places that others need, however many they are: so many attempts for one subscription at once and no
/// more, one while its receiver is slow, and those of all slow receivers together in few places of their own. Who gets no turn comes again later and holds
/// nothing meanwhile.
/// </summary>
public sealed class SubscriptionTurns(WebhookOptions options, TimeProvider clock)
{
    /// <summary>Attempts to receivers that are not known to be slow: half of the activities that an instance runs at once (<c>host.json</c>).</summary>
    public const int MostAtOnce = 64;

    /// <summary>Attempts to slow receivers.</summary>
    public const int MostSlowAtOnce = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Receiver> _receivers = new(StringComparer.Ordinal);

    /// <summary>Takes a turn, to be given back by <see cref="Leave"/>; null where all are taken.</summary>
    public Turn? TryEnter(string subscriptionId)
    {
        lock (_lock)
        {
            if (!_receivers.TryGetValue(subscriptionId, out Receiver? receiver))
            {
                _receivers.Add(subscriptionId, receiver = new Receiver());
            }

            bool isSlow = IsSlow(receiver);
            int places = _receivers.Values.Where(other => IsSlow(other) == isSlow).Sum(other => other.Running.Count);
            if (places >= (isSlow ? MostSlowAtOnce : MostAtOnce) || receiver.Running.Count >= (isSlow ? 1 : MostOf(receiver, places)))
            {
                return null;
            }

            var turn = new Turn(subscriptionId, clock.GetTimestamp());
            receiver.Running.Add(turn);
            return turn;
        }
    }

    /// <summary>Gives a turn back.</summary>
    public void Leave(Turn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        lock (_lock)
        {
            _receivers[turn.SubscriptionId].Running.Remove(turn);
        }
    }

    /// <summary>Remembers how long an attempt took, in ms.</summary>
    public void Note(Turn turn, double latencyMs)
    {
        ArgumentNullException.ThrowIfNull(turn);
        lock (_lock)
        {
            _receivers[turn.SubscriptionId].WasSlow = latencyMs > Slow.TotalMilliseconds;
        }
    }

    private TimeSpan Slow => options.Timeout / 2;

    /// <summary>A receiver that never answered yet gets one attempt at once while many run: they may all turn out to be slow.</summary>
    private int MostOf(Receiver receiver, int places) =>
        receiver.WasSlow is null && places >= MostSlowAtOnce ? 1 : options.ConcurrentAttempts;

    /// <summary>Whether its latest attempt took long, or one that runs does.</summary>
    private bool IsSlow(Receiver receiver) =>
        receiver.WasSlow == true || receiver.Running.Exists(turn => clock.GetElapsedTime(turn.Since) > Slow);

    /// <summary>A turn that was taken.</summary>
    public sealed class Turn(string subscriptionId, long since)
    {
        /// <summary>For which subscription.</summary>
        public string SubscriptionId => subscriptionId;

        /// <summary>Since when: a timestamp of the clock.</summary>
        public long Since => since;
    }

    private sealed class Receiver
    {
        public List<Turn> Running { get; } = [];

        /// <summary>Whether its latest attempt took long; null where there was none yet.</summary>
        public bool? WasSlow { get; set; }
    }
}
