using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>How state and log are stored. By reflection: generated code would set what is left out to zero, not to its default.</summary>
internal static class AlertingJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}
