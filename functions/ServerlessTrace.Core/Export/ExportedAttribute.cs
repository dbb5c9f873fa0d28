using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export;

/// <summary>An attribute as it is exported.</summary>
/// <param name="Value">The attribute.</param>
/// <param name="IsPrefixed">Whether its key gets the prefix <c>baggage.</c>.</param>
internal readonly record struct ExportedAttribute(SpanAttribute Value, bool IsPrefixed);
