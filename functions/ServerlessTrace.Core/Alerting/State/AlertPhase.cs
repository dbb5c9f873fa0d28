using System.Text.Json.Serialization;

namespace ServerlessTrace.Core.Alerting.State;

/// <summary>Where a group of a rule stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertPhase>))]
public enum AlertPhase
{
    /// <summary>All is well.</summary>
    [JsonStringEnumMemberName("inactive")]
    Inactive = 0,

    /// <summary>The threshold is breached, not yet long enough.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending = 1,

    /// <summary>The alert fires.</summary>
    [JsonStringEnumMemberName("firing")]
    Firing = 2,

    /// <summary>The alert fired and is over: inactive again, but remembered for a while.</summary>
    [JsonStringEnumMemberName("resolved")]
    Resolved = 3,
}
