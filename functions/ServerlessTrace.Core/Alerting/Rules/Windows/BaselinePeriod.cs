using System.Text.Json.Serialization;

namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>How long before a window the one lies that it is compared with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BaselinePeriod>))]
public enum BaselinePeriod
{
    /// <summary>An hour.</summary>
    [JsonStringEnumMemberName("hour")]
    Hour = 0,

    /// <summary>A day.</summary>
    [JsonStringEnumMemberName("day")]
    Day = 1,

    /// <summary>A week.</summary>
    [JsonStringEnumMemberName("week")]
    Week = 2,
}
