using System.Text.Json.Serialization;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Cli.Output;

/// <summary>The JSON of a search, as the service answers it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TraceListResponse))]
internal sealed partial class TraceListJson : JsonSerializerContext;
