using System.Text.Json.Serialization;

namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>How bad an alert is; the rule says it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertSeverity>))]
public enum AlertSeverity
{
    /// <summary>Good to know.</summary>
    [JsonStringEnumMemberName("info")]
    Info = 0,

    /// <summary>To be looked at soon (the default).</summary>
    [JsonStringEnumMemberName("warning")]
    Warning = 1,

    /// <summary>To be looked at now.</summary>
    [JsonStringEnumMemberName("critical")]
    Critical = 2,
}
