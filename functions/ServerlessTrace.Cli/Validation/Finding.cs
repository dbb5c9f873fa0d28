namespace ServerlessTrace.Cli.Validation;

/// <summary>A rule that a sender breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Text">How.</param>
/// <param name="Example">Where, the first time: a line, or a span.</param>
internal sealed record Finding(Rule Rule, string Text, string Example)
{
    /// <summary>How often.</summary>
    public long Count { get; set; }
}
