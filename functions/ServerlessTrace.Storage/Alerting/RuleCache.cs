namespace ServerlessTrace.Storage.Alerting;

/// <summary>Rules and silences as they were at most a few seconds ago, so that sealing need not ask for them each time.</summary>
public sealed class RuleCache(RuleStore rules, SilenceStore silences, TimeProvider clock) : IDisposable
{
    /// <summary>How old what is kept may be: how soon a rule that was written by another instance is heeded.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private RuleSnapshot? _snapshot;
    private long _readAt;

    /// <summary>From when on whatever is written now is heeded by every instance.</summary>
    public DateTimeOffset EffectiveFrom => clock.GetUtcNow() + Freshness;

    /// <summary>The rules and silences, read again if what is kept is too old.</summary>
    public async ValueTask<RuleSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_snapshot is null || clock.GetElapsedTime(_readAt) >= Freshness)
            {
                _snapshot = await ReadAsync(cancellationToken).ConfigureAwait(false);
                _readAt = clock.GetTimestamp();
            }

            return _snapshot;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>The rules and silences as they are now.</summary>
    public async Task<RuleSnapshot> ReadAsync(CancellationToken cancellationToken) => new(
        [.. (await rules.ReadAsync(cancellationToken).ConfigureAwait(false)).Select(rule => rule.Rule)],
        await silences.ReadAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Has what is kept read again: something was written here.</summary>
    public void Forget() => Volatile.Write(ref _snapshot, null);

    /// <inheritdoc/>
    public void Dispose() => _refreshing.Dispose();
}
