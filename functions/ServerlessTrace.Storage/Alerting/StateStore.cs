using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>The states of series rules, a row a rule.</summary>
public sealed class StateStore(StorageClients clients)
{
    private const string Partition = "states";

    /// <summary>All states, with their versions.</summary>
    public async Task<IReadOnlyDictionary<string, (RuleState State, ETag ETag)>> ReadAsync(CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, (RuleState, ETag)>(StringComparer.Ordinal);
        await foreach (TableEntity row in clients.AlertStates.QueryAsync<TableEntity>(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            RuleState state = PackedJson.Read<RuleState>(row);
            states.Add(state.Rule, (state, row.ETag));
        }

        return states;
    }

    /// <summary>A rule's state and its version; an empty one without a version where nothing is known.</summary>
    public async Task<(RuleState State, ETag? ETag)> ReadAsync(string rule, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> found = await clients.AlertStates.GetEntityIfExistsAsync<TableEntity>(
            Partition, RowKey(rule), cancellationToken: cancellationToken).ConfigureAwait(false);
        return found.HasValue ? (PackedJson.Read<RuleState>(found.Value!), found.Value!.ETag) : (RuleState.Empty(rule), null);
    }

    /// <summary>Writes a state over the version that was read; null where another has been written meanwhile.</summary>
    public async Task<ETag?> TryWriteAsync(RuleState state, ETag? read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        var row = new TableEntity(Partition, RowKey(state.Rule));
        PackedJson.Write(row, state);
        try
        {
            Response written = read is { } version
                ? await clients.AlertStates.UpdateEntityAsync(row, version, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false)
                : await clients.AlertStates.AddEntityAsync(row, cancellationToken).ConfigureAwait(false);
            return written.Headers.ETag;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return null;
        }
    }

    /// <summary>Deletes a state in the version that was read, if it still is.</summary>
    public async Task DeleteAsync(string rule, ETag read, CancellationToken cancellationToken)
    {
        try
        {
            await clients.AlertStates.DeleteEntityAsync(Partition, RowKey(rule), read, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status == 412)
        {
            // Changed meanwhile: whoever did looks at it again.
        }
    }

    private static string RowKey(string rule) => "state-" + rule;
}
