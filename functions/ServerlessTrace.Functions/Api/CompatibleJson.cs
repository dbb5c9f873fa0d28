using System.Text.Json.Serialization;
using ServerlessTrace.Functions.Api.Jaeger;
using ServerlessTrace.Functions.Api.Zipkin;

namespace ServerlessTrace.Functions.Api;

/// <summary>The JSON of other tools' query APIs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(JaegerAnswer<string>))]
[JsonSerializable(typeof(JaegerAnswer<JaegerOperation>))]
[JsonSerializable(typeof(JaegerAnswer<JaegerDependency>))]
[JsonSerializable(typeof(ZipkinDependency[]))]
internal sealed partial class CompatibleJson : JsonSerializerContext;
