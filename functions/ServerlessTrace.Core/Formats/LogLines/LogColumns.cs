using System.Buffers;
using System.Text.Json;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>The columns of a table of a query's result: <c>[{"name": "timestamp", "type": "datetime"}, …]</c>, or their names alone.</summary>
internal sealed class LogColumns
{
    private readonly List<string> _names = [];
    private readonly ArrayBufferWriter<byte> _written = new();

    /// <summary>Reads the columns.</summary>
    public LogColumns(ReadOnlySpan<byte> columns)
    {
        try
        {
            Read(columns);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // The columns behind what is broken have no names, and no values.
        }
    }

    /// <summary>A row as an object, valid until the next one; empty if it is broken.</summary>
    public ReadOnlySpan<byte> Compose(ReadOnlySpan<byte> row)
    {
        try
        {
            return Write(row);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or ArgumentException)
        {
            return default;
        }
    }

    private ReadOnlySpan<byte> Write(ReadOnlySpan<byte> row)
    {
        _written.ResetWrittenCount();
        using Utf8JsonWriter writer = new(_written);
        writer.WriteStartObject();
        Utf8JsonReader json = new(row, new JsonReaderOptions { MaxDepth = 1000 });
        json.Read();
        for (int i = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
        {
            int start = (int)json.TokenStartIndex;
            json.Skip();
            if (i < _names.Count)
            {
                writer.WritePropertyName(_names[i]);
                writer.WriteRawValue(row[start..(int)json.BytesConsumed]);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return _written.WrittenSpan;
    }

    private void Read(ReadOnlySpan<byte> columns)
    {
        Utf8JsonReader json = new(columns);
        json.Read();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            string? name = json.TokenType == JsonTokenType.String ? json.GetString() : null;
            if (json.TokenType == JsonTokenType.StartObject)
            {
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    bool isName = json.ValueTextEquals("name"u8) || json.ValueTextEquals("ColumnName"u8);
                    json.Read();
                    name = isName && json.TokenType == JsonTokenType.String ? json.GetString() : name;
                    json.Skip();
                }
            }

            _names.Add(name ?? string.Empty);
        }
    }
}
