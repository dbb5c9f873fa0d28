using System.Text.Json.Serialization;

namespace ServerlessTrace.Benchmarks.Parsing;

[JsonSerializable(typeof(SpanLogLine))]
internal sealed partial class SpanLogLineContext : JsonSerializerContext;
