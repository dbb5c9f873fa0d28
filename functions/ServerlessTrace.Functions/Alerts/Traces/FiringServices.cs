using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerts.Traces;

/// <summary>
/// Services of which a series rule fires, as of a few seconds ago: it says once, for all of a service's traces, what a trace rule would say of each.
/// </summary>
public sealed class FiringServices(StateStore states, RuleCache rules, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private Dictionary<string, SeriesRule> _inhibitors = new(StringComparer.Ordinal);
    private long? _readAt;

    /// <summary>The rule that fires on the service of a group and is as severe as a trace rule, or more; null for none.</summary>
    public async Task<string?> InhibitorAsync(TraceRule rule, GroupKey group, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(group);
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        return group.Service is { } service && _inhibitors.TryGetValue(service, out SeriesRule? inhibitor) && inhibitor.Severity >= rule.Severity ? inhibitor.Id : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _refreshing.Dispose();

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_readAt is null || clock.GetElapsedTime(_readAt.Value) >= RuleCache.Freshness)
            {
                _inhibitors = await ReadAsync(cancellationToken).ConfigureAwait(false);
                _readAt = clock.GetTimestamp();
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private async Task<Dictionary<string, SeriesRule>> ReadAsync(CancellationToken cancellationToken)
    {
        RuleSnapshot snapshot = await rules.GetAsync(cancellationToken).ConfigureAwait(false);
        var inhibitors = new Dictionary<string, SeriesRule>(StringComparer.Ordinal);
        if (snapshot.OfSeries.Count == 0)
        {
            return inhibitors;
        }

        IReadOnlyDictionary<string, (RuleState State, Azure.ETag)> known = await states.ReadAsync(cancellationToken).ConfigureAwait(false);
        foreach (SeriesRule rule in snapshot.OfSeries.OrderBy(rule => rule.Severity))
        {
            foreach (GroupState group in known.TryGetValue(rule.Id, out (RuleState State, Azure.ETag) found) ? found.State.Groups : [])
            {
                if (group is { Phase: AlertPhase.Firing, Group.Service: { } service })
                {
                    // The most severe comes last, and counts.
                    inhibitors[service] = rule;
                }
            }
        }

        return inhibitors;
    }
}
