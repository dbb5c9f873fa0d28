using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Alerting.Rules.Json;

/// <summary>Durations as people write them: <c>500ms</c>, <c>5m</c>, <c>1h</c>.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    private static readonly (string Unit, long Ticks)[] Units =
        [("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond)];

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && DurationText.TryParse(text, out long nano))
        {
            return TimeSpan.FromTicks(nano / 100);
        }

        throw new JsonException("A duration is written like 500ms, 1.5s, 5m, 1h or 30d.");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
    {
        foreach ((string unit, long ticks) in Units)
        {
            if (value.Ticks % ticks == 0 && value.Ticks != 0)
            {
                writer.WriteStringValue((value.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit);
                return;
            }
        }

        writer.WriteStringValue(value == TimeSpan.Zero ? "0s" : value.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms");
    }
}
