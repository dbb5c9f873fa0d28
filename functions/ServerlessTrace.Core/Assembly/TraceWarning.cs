namespace ServerlessTrace.Core.Assembly;

/// <summary>Something about a trace that a reader should know before trusting it.</summary>
/// <param name="Kind">A stable name, such as <c>missing-parent</c>.</param>
/// <param name="Text">One sentence for people.</param>
public sealed record TraceWarning(string Kind, string Text);
