namespace ServerlessTrace.Core.Formats;

/// <summary>An input record that became no span, and why.</summary>
/// <param name="Line">The 1-based line it began on; 0 where lines mean nothing.</param>
/// <param name="Offset">The offset of its first byte in the decompressed source.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
/// <param name="Excerpt">The beginning of the record, cut to a bounded length.</param>
public sealed record Rejection(long Line, long Offset, string Reason, string Excerpt);
