namespace ServerlessTrace.Core.Privacy;

/// <summary>A rule of one's own: values of attributes by their names, or whatever matches a pattern in any text.</summary>
public sealed class RedactionRule
{
    /// <summary>
    /// Names of attributes, in any case and with any separators: <c>card_holder</c> also means <c>payment.cardHolder</c>.
    /// With a <c>*</c> the whole name is compared as it is: <c>patient.*</c>.
    /// </summary>
    public IList<string> Names { get; } = [];

    /// <summary>A regular expression (.NET, non-backtracking) that is looked for in every text; empty for none.</summary>
    public string Pattern { get; set; } = string.Empty;

    /// <summary>What becomes of what the rule finds. Default: masked.</summary>
    public RedactionAction Action { get; set; }
}
