using System.Text.Json.Serialization;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>What is measured of the series of a window.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Statistic>))]
public enum Statistic
{
    /// <summary>The median duration.</summary>
    [JsonStringEnumMemberName("p50")]
    P50 = 0,

    /// <summary>The duration that 75 % do not exceed.</summary>
    [JsonStringEnumMemberName("p75")]
    P75 = 1,

    /// <summary>The duration that 90 % do not exceed.</summary>
    [JsonStringEnumMemberName("p90")]
    P90 = 2,

    /// <summary>The duration that 95 % do not exceed.</summary>
    [JsonStringEnumMemberName("p95")]
    P95 = 3,

    /// <summary>The duration that 99 % do not exceed.</summary>
    [JsonStringEnumMemberName("p99")]
    P99 = 4,

    /// <summary>The duration that 99.9 % do not exceed.</summary>
    [JsonStringEnumMemberName("p99.9")]
    P999 = 5,

    /// <summary>The mean duration.</summary>
    [JsonStringEnumMemberName("mean")]
    Mean = 6,

    /// <summary>The longest duration.</summary>
    [JsonStringEnumMemberName("max")]
    Maximum = 7,

    /// <summary>The part that failed, in %.</summary>
    [JsonStringEnumMemberName("error-rate")]
    ErrorRate = 8,

    /// <summary>How many there were a second.</summary>
    [JsonStringEnumMemberName("throughput")]
    Throughput = 9,
}
