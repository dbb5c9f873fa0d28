using Azure;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>Alert rules, each with its version.</summary>
public sealed class RuleStore(StorageClients clients)
{
    private readonly DefinitionTable _rules = new(clients.AlertRules, "rule");

    /// <summary>All rules in order of their ids; those that this version does not understand are left out.</summary>
    public async Task<IReadOnlyList<StoredRule>> ReadAsync(CancellationToken cancellationToken)
    {
        List<(byte[] Document, ETag ETag)> stored = await _rules.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(item => Read(item.Document, item.ETag)).OfType<StoredRule>().OrderBy(rule => rule.Rule.Id, StringComparer.Ordinal)];
    }

    /// <summary>A rule by its id; null where there is none.</summary>
    public async Task<StoredRule?> FindAsync(string id, CancellationToken cancellationToken) =>
        RuleId.IsValid(id) && await _rules.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } found ? Read(found.Document, found.ETag) : null;

    /// <summary>Adds a rule; null where there is one of that id.</summary>
    public Task<ETag?> TryAddAsync(AlertRule rule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return _rules.TryAddAsync(rule.Id, RuleDocument.Write(rule), cancellationToken);
    }

    /// <summary>Replaces a rule; null where there is none of that id and version.</summary>
    public Task<ETag?> TryReplaceAsync(AlertRule rule, ETag version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return _rules.TryReplaceAsync(rule.Id, RuleDocument.Write(rule), version, cancellationToken);
    }

    /// <summary>Deletes a rule; false where there is another version of it.</summary>
    public Task<bool> TryDeleteAsync(string id, ETag version, CancellationToken cancellationToken) => _rules.TryDeleteAsync(id, version, cancellationToken);

    private static StoredRule? Read(byte[] document, ETag version) =>
        RuleDocument.Read(document, null) is ({ } rule, _) ? new StoredRule(rule, version) : null;
}
