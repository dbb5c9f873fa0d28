namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What a piece of a report is, which decides its colour.</summary>
internal enum Ink
{
    Plain,
    Title,
    Faint,
    Good,
    Bad,
    Notable,
    Advice,
}
