using System.Text.Json.Serialization;

namespace ServerlessTrace.Core.Alerting.Rules.Traces;

/// <summary>How an attribute's value is compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Comparison>))]
public enum Comparison
{
    /// <summary>The same text.</summary>
    [JsonStringEnumMemberName("equal")]
    Equal = 0,

    /// <summary>Another text.</summary>
    [JsonStringEnumMemberName("not-equal")]
    NotEqual = 1,

    /// <summary>A greater number.</summary>
    [JsonStringEnumMemberName("above")]
    Above = 2,

    /// <summary>The same or a greater number.</summary>
    [JsonStringEnumMemberName("at-least")]
    AtLeast = 3,

    /// <summary>A smaller number.</summary>
    [JsonStringEnumMemberName("below")]
    Below = 4,

    /// <summary>The same or a smaller number.</summary>
    [JsonStringEnumMemberName("at-most")]
    AtMost = 5,

    /// <summary>A text that contains it.</summary>
    [JsonStringEnumMemberName("contains")]
    Contains = 6,

    /// <summary>Any value.</summary>
    [JsonStringEnumMemberName("present")]
    Present = 7,
}
