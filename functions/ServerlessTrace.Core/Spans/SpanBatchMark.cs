namespace ServerlessTrace.Core.Spans;

/// <summary>A position in a <see cref="SpanBatch"/>.</summary>
/// <param name="Spans">Records so far.</param>
/// <param name="Attributes">Attributes so far.</param>
/// <param name="Events">Events so far.</param>
/// <param name="Links">Links so far.</param>
public readonly record struct SpanBatchMark(int Spans, int Attributes, int Events, int Links);
