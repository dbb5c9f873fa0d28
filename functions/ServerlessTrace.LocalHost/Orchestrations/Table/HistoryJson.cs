using System.Collections.Frozen;
using System.Text;
using DurableTask.Core.History;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// JSON of history events and task messages. It contains no type names: an event's <see cref="EventType"/> chooses its class, so
/// that stored JSON can create history events and nothing else.
/// </summary>
internal static class HistoryJson
{
    private static readonly FrozenDictionary<EventType, Type> EventClasses = Enum.GetValues<EventType>()
        .Select(kind => (Kind: kind, Class: ClassOf(kind)))
        .Where(static pair => pair.Class is not null)
        .ToFrozenDictionary(static pair => pair.Kind, static pair => pair.Class!);

    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        TypeNameHandling = TypeNameHandling.None,
        NullValueHandling = NullValueHandling.Ignore,
        ObjectCreationHandling = ObjectCreationHandling.Replace,
        DateParseHandling = DateParseHandling.None,
        Converters = { new EventConverter() },
    });

    /// <summary>Appends values as lines of UTF-8 JSON.</summary>
    public static void WriteLines(Stream stream, IEnumerable<object> values)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (object value in values)
        {
            Serializer.Serialize(text, value);
            text.WriteLine();
        }
    }

    /// <summary>Reads all lines.</summary>
    /// <exception cref="JsonException">A line is no JSON, or of an unknown kind of event.</exception>
    public static IEnumerable<T> ReadLines<T>(ReadOnlyMemory<byte> lines)
    {
        using var reader = new JsonTextReader(new StreamReader(new MemoryStream(lines.ToArray(), writable: false)))
        {
            SupportMultipleContent = true,
            DateParseHandling = DateParseHandling.None,
        };
        while (reader.Read())
        {
            yield return Serializer.Deserialize<T>(reader) ?? throw new JsonSerializationException("A line is null.");
        }
    }

    /// <summary>Reads a history that is one array.</summary>
    /// <exception cref="JsonException">It is no JSON, or contains an unknown kind of event.</exception>
    public static IList<HistoryEvent> ReadArray(string json)
    {
        using var reader = new JsonTextReader(new StringReader(json)) { DateParseHandling = DateParseHandling.None };
        return Serializer.Deserialize<List<HistoryEvent>>(reader) ?? [];
    }

    private static Type? ClassOf(EventType kind)
    {
        string inNamespace = $"{typeof(HistoryEvent).Namespace}.{kind}";
        System.Reflection.Assembly core = typeof(HistoryEvent).Assembly;
        return core.GetType(inNamespace + "Event") ?? core.GetType(inNamespace);
    }

    private sealed class EventConverter : JsonConverter
    {
        public override bool CanWrite => false;

        public override bool CanConvert(Type objectType) => objectType == typeof(HistoryEvent);

        public override object? ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer)
        {
            JObject json = JObject.Load(reader);
            int kind = json.Value<int?>(nameof(HistoryEvent.EventType)) ?? -1;
            return EventClasses.TryGetValue((EventType)kind, out Type? found)
                ? json.ToObject(found, serializer)
                : throw new JsonSerializationException($"{kind} is no kind of event.");
        }

        public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) => throw new NotSupportedException();
    }
}
