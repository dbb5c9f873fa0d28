using System.Text.Json.Serialization;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>How erasures are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ErasureRecord))]
[JsonSerializable(typeof(ErasureWork))]
[JsonSerializable(typeof(IReadOnlyList<ErasureEntry>))]
internal sealed partial class ErasureJson : JsonSerializerContext;
