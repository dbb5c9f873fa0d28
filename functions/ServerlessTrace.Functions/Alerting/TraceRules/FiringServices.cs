using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Traces;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting.TraceRules;

/// <summary>
/// Services of which a series rule fires, and was told of, as of a few seconds ago: it says once, for all of a service's traces (of an environment, if it is
/// about one), what a trace rule would say of each.
/// </summary>
public sealed class FiringServices(StateStore states, RuleCache rules, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private ILookup<string, (SeriesRule Rule, string? Environment)> _inhibitors = Array.Empty<(SeriesRule, string?)>().ToLookup(static _ => string.Empty);
    private long? _readAt;

    /// <summary>The rule that fires on the service of a group and is as severe as a trace rule, or more; null for none.</summary>
    public async Task<string?> InhibitorAsync(TraceRule rule, GroupKey group, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(group);
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        return group.Service is not { } service
            ? null
            : _inhibitors[service]
                .FirstOrDefault(firing => firing.Rule.Severity >= rule.Severity && (firing.Environment is null || firing.Environment == (group.Environment ?? string.Empty)))
                .Rule?.Id;
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

    private async Task<ILookup<string, (SeriesRule Rule, string? Environment)>> ReadAsync(CancellationToken cancellationToken)
    {
        RuleSnapshot snapshot = await rules.GetAsync(cancellationToken).ConfigureAwait(false);
        var inhibitors = new List<(string Service, SeriesRule Rule, string? Environment)>();
        IReadOnlyDictionary<string, (RuleState State, Azure.ETag)> known = snapshot.OfSeries.Count == 0
            ? new Dictionary<string, (RuleState State, Azure.ETag)>()
            : await states.ReadAsync(cancellationToken).ConfigureAwait(false);
        foreach (SeriesRule rule in snapshot.OfSeries)
        {
            foreach (GroupState group in known.TryGetValue(rule.Id, out (RuleState State, Azure.ETag) found) ? found.State.Groups : [])
            {
                // What fires silently speaks for nothing.
                if (group is { Phase: AlertPhase.Firing, ToldAt: not null, Group.Service: { } service })
                {
                    inhibitors.Add((service, rule, group.Group.Environment));
                }
            }
        }

        return inhibitors.ToLookup(item => item.Service, item => (item.Rule, item.Environment), StringComparer.Ordinal);
    }
}
