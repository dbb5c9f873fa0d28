namespace ServerlessTrace.Cli.Validation;

/// <summary>All findings, by who can do something about them.</summary>
internal sealed class FindingsBySender
{
    private readonly SortedDictionary<string, Findings> _senders = new(StringComparer.Ordinal);

    /// <summary>The senders by name.</summary>
    public IReadOnlyCollection<Findings> All => _senders.Values;

    /// <summary>The findings about a sender.</summary>
    public Findings Of(string sender)
    {
        if (!_senders.TryGetValue(sender, out Findings? findings))
        {
            _senders.Add(sender, findings = new Findings(sender));
        }

        return findings;
    }
}
