using System.Text.Json.Serialization;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>Stored contexts as JSON.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class ContextJson : JsonSerializerContext;
