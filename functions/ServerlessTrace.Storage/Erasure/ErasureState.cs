using System.Text.Json.Serialization;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>How far an erasure has come.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ErasureState>))]
public enum ErasureState
{
    /// <summary>It is under way.</summary>
    [JsonStringEnumMemberName("running")]
    Running = 0,

    /// <summary>All that it reaches is erased.</summary>
    [JsonStringEnumMemberName("done")]
    Done = 1,
}
