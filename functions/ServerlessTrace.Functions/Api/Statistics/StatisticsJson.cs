using System.Text.Json.Serialization;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>The JSON of statistics.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ServicesResponse))]
[JsonSerializable(typeof(OperationsResponse))]
[JsonSerializable(typeof(LatencyResponse))]
[JsonSerializable(typeof(LatencyComparisonResponse))]
[JsonSerializable(typeof(CriticalPathResponse))]
[JsonSerializable(typeof(BusinessMetricsResponse))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
