namespace ServerlessTrace.Functions.Sealing;

/// <summary>The input of a window's orchestration: what arrived before its end is sealed by it.</summary>
/// <param name="EndUnixMs">The window's end in ms since 1970 UTC.</param>
public sealed record SealWindow(long EndUnixMs);
