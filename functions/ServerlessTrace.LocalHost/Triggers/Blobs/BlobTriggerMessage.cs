using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>What the internal queue carries for a new or changed blob, and the poison queue for one that failed; the platform's format.</summary>
internal sealed record BlobTriggerMessage(string FunctionId, string BlobType, string ContainerName, string BlobName, string ETag)
{
    public BinaryData ToBinary() => new(JsonSerializer.SerializeToUtf8Bytes(this, BlobTriggerJson.Default.BlobTriggerMessage));

    public static BlobTriggerMessage Read(BinaryData body) =>
        JsonSerializer.Deserialize(body, BlobTriggerJson.Default.BlobTriggerMessage) ?? throw new JsonException("The message is null.");
}

/// <summary>Generated serialization.</summary>
[JsonSerializable(typeof(BlobTriggerMessage))]
internal sealed partial class BlobTriggerJson : JsonSerializerContext;
