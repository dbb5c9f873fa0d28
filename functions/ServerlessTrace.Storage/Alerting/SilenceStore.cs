using Azure;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Silences;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>Silences, those that are over too, until somebody deletes them.</summary>
public sealed class SilenceStore(StorageClients clients)
{
    private readonly DefinitionTable _silences = new(clients.AlertRules, "silence");

    /// <summary>All silences in order of their ids; those that this version does not understand are left out.</summary>
    public async Task<IReadOnlyList<Silence>> ReadAsync(CancellationToken cancellationToken)
    {
        List<(byte[] Document, ETag ETag)> stored = await _silences.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. stored.Select(item => Read(item.Document)).OfType<Silence>().OrderBy(silence => silence.Id, StringComparer.Ordinal)];
    }

    /// <summary>Writes a silence over any of its id.</summary>
    public async Task WriteAsync(Silence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        byte[] document = RuleDocument.Write(silence);
        while (await _silences.TryAddAsync(silence.Id, document, cancellationToken).ConfigureAwait(false) is null
            && await _silences.TryReplaceAsync(silence.Id, document, ETag.All, cancellationToken).ConfigureAwait(false) is null)
        {
            // Deleted between the two.
        }
    }

    /// <summary>Deletes a silence; false where there is none.</summary>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        RuleId.IsValid(id)
        && await _silences.FindAsync(id, cancellationToken).ConfigureAwait(false) is not null
        && await _silences.TryDeleteAsync(id, ETag.All, cancellationToken).ConfigureAwait(false);

    private static Silence? Read(byte[] document) => RuleDocument.ReadSilence(document, null, default).Silence;
}
