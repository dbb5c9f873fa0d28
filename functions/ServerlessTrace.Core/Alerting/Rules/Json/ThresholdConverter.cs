using System.Text.Json;
using System.Text.Json.Serialization;
using ServerlessTrace.Core.Alerting.Rules.Windows;

namespace ServerlessTrace.Core.Alerting.Rules.Json;

/// <summary>Limits with or without a unit.</summary>
internal sealed class ThresholdConverter : JsonConverter<Threshold>
{
    public override Threshold Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.GetDouble() is >= 0 and var number && double.IsFinite(number))
        {
            return new Threshold(number, null);
        }

        return reader.TokenType == JsonTokenType.String && Threshold.TryParse(reader.GetString()!, out Threshold threshold)
            ? threshold
            : throw new JsonException("A limit is written like 500ms, 5% or 10/s.");
    }

    public override void Write(Utf8JsonWriter writer, Threshold value, JsonSerializerOptions options)
    {
        if (value.Unit is null)
        {
            writer.WriteNumberValue(value.Value);
        }
        else
        {
            writer.WriteStringValue(value.ToString());
        }
    }
}
