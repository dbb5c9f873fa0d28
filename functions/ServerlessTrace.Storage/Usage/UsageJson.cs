using System.Text.Json.Serialization;

namespace ServerlessTrace.Storage.Usage;

/// <summary>How an hour's usage is stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UsageHour))]
[JsonSerializable(typeof(List<ServiceUsage>))]
internal sealed partial class UsageJson : JsonSerializerContext;
