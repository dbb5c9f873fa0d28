using System.Text.Json.Serialization;

namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>How records are written: short, because most of a log is what orchestrators pass around.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(HistoryRecord))]
internal sealed partial class HistoryJson : JsonSerializerContext;
