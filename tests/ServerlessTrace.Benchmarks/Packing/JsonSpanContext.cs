using System.Text.Json.Serialization;

namespace ServerlessTrace.Benchmarks.Packing;

[JsonSerializable(typeof(JsonSpan[]))]
internal sealed partial class JsonSpanContext : JsonSerializerContext;
