using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ServerlessTrace.Core.Alerting.Rules.Json;

/// <summary>
/// Rules and silences as JSON: nothing that is not known is passed over, so that a typing error is no rule. By reflection, because generated code
/// would set what is left out to zero, not to its default.
/// </summary>
internal static class RuleJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        MaxDepth = 8,
        Converters = { new DurationConverter(), new ThresholdConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>How a type is read and written.</summary>
    public static JsonTypeInfo TypeOf<T>() => Options.GetTypeInfo(typeof(T));
}
