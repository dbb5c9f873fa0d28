using System.Text.Json.Serialization;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>What a series rule measures.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MeasuredStep>))]
public enum MeasuredStep
{
    /// <summary>Single spans, under their own service and operation.</summary>
    [JsonStringEnumMemberName("spans")]
    Spans = 0,

    /// <summary>Whole traces, under the service, operation and environment of their root.</summary>
    [JsonStringEnumMemberName("traces")]
    Traces = 1,
}
