namespace ServerlessTrace.Cli.Validation;

/// <summary>What was found about one sender.</summary>
/// <param name="sender">The service.</param>
internal sealed class Findings(string sender)
{
    private readonly Dictionary<(Rule Rule, string Text), Finding> _findings = [];

    public string Sender => sender;

    /// <summary>Records read.</summary>
    public long Records { get; set; }

    /// <summary>Spans in them.</summary>
    public long Spans { get; set; }

    /// <summary>The findings, errors first, the most frequent first.</summary>
    public IEnumerable<Finding> All => _findings.Values.OrderBy(finding => finding.Rule.Severity).ThenByDescending(finding => finding.Count).ThenBy(finding => finding.Rule.Name, StringComparer.Ordinal);

    /// <summary>Whether anything costs records or traces.</summary>
    public bool HasErrors => _findings.Keys.Any(key => key.Rule.Severity == Severity.Error);

    /// <summary>Notes that a rule is broken.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="text">How; few different texts, since each is a finding.</param>
    /// <param name="example">Where, for the first one.</param>
    public void Add(Rule rule, string text, string example)
    {
        if (!_findings.TryGetValue((rule, text), out Finding? finding))
        {
            _findings.Add((rule, text), finding = new Finding(rule, text, example));
        }

        finding.Count++;
    }

    /// <summary>Notes that a rule is broken in a way that each time has another text, of which the first is kept.</summary>
    public void AddOnce(Rule rule, string text, string example)
    {
        Finding? known = _findings.Values.FirstOrDefault(finding => finding.Rule.Name == rule.Name);
        Add(known?.Rule ?? rule, known?.Text ?? text, example);
    }
}
