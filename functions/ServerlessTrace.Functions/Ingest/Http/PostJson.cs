using System.Text.Json.Serialization;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>The JSON of answers to posts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PostAccepted))]
[JsonSerializable(typeof(OtlpTraceResponse))]
[JsonSerializable(typeof(OtlpStatus))]
internal sealed partial class PostJson : JsonSerializerContext;
