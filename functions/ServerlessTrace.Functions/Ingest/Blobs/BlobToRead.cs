using System.Text.Json.Serialization;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>A message of the queue of blobs to be read. What there is to be read is known from the blob and its progress, and from nothing else.</summary>
/// <param name="Name">The blob's name.</param>
internal sealed record BlobToRead(string Name);

/// <summary>Generated serialization.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BlobToRead))]
internal sealed partial class BlobToReadJson : JsonSerializerContext;
