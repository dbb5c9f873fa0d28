using Azure;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>Erases traces from what happened to alerts, and from what is still to be told.</summary>
internal sealed class EraseAlerts(AlertLog log, StateStore states) : IErasureStep
{
    public string Name => "alerts";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        var erasure = new AlertErasure(scope.Target, await scope.TracesAsync(cancellationToken).ConfigureAwait(false));
        int states = from is null ? await EraseStatesAsync(erasure, cancellationToken).ConfigureAwait(false) : 0;
        (int changed, string? next) = await log.EraseAsync(erasure, from, cancellationToken).ConfigureAwait(false);
        return new ErasureProgress(states + changed, next);
    }

    private async Task<int> EraseStatesAsync(AlertErasure erasure, CancellationToken cancellationToken)
    {
        int changed = 0;
        foreach (string rule in (await states.ReadAsync(cancellationToken).ConfigureAwait(false)).Keys)
        {
            while (true)
            {
                (RuleState state, ETag? version) = await states.ReadAsync(rule, cancellationToken).ConfigureAwait(false);
                if (erasure.Erase(state) is not { } rest)
                {
                    break;
                }

                if (await states.TryWriteAsync(rest, version, cancellationToken).ConfigureAwait(false) is not null)
                {
                    changed++;
                    break;
                }
            }
        }

        return changed;
    }
}
