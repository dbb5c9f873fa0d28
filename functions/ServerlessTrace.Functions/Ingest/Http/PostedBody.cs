namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>A body that was posted.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Coding">How it is compressed.</param>
/// <param name="Source">What its sender calls it; empty for what has no name.</param>
/// <param name="Content">The body as it was sent.</param>
public readonly record struct PostedBody(PostedKind Kind, BodyCoding Coding, string Source, ReadOnlyMemory<byte> Content);
