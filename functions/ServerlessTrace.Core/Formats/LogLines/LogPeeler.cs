using System.Buffers;
using System.Text.Json;
using ServerlessTrace.Core.Formats.Detection;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>
/// Takes off what wraps records: objects of log shippers and log stores, JSON in texts, prefixes, tables; in any nesting up to <see cref="Deepest"/>.
/// What is left is records, documents, and lines of text that name a trace.
/// </summary>
internal sealed class LogPeeler(ILogSink sink)
{
    /// <summary>How deep wrappers may nest.</summary>
    public const int Deepest = 12;

    private readonly JsonText?[] _texts = new JsonText?[Deepest + 1];
    private readonly ArrayBufferWriter<byte> _written = new();

    /// <summary>Reads texts and values that follow one another; false if there was nothing but text without a trace in it, which is left to the caller.</summary>
    public bool Peel(ReadOnlySpan<byte> content, in Envelope envelope, int depth = 0)
    {
        bool any = false;
        for (content = LogText.PassBlanks(content); !content.IsEmpty; content = LogText.PassBlanks(content))
        {
            int length = LogText.LengthOfRecord(content);
            if (length > 0)
            {
                // Several records in one text are fine as well: their reader takes them one by one.
                sink.TakeRecord(content[..length], in envelope);
                any = true;
            }
            else if (!LogText.LooksLikeJson(content))
            {
                length = LogText.LengthOfText(content);
                any |= PeelLine(content[..length], in envelope, depth);
            }
            else if (new JsonValueScan(ownLine: false).Scan(content, ref length, isLast: true) == JsonValueScan.Outcome.Ended)
            {
                PeelValue(content[..length], in envelope, depth);
                any = true;
            }
            else
            {
                length = content.IndexOf((byte)'\n');
                length = length < 0 ? content.Length : length;
                sink.Reject(content[..length], "the record is cut off: its text ends inside it");
                any = true;
            }

            content = content[length..];
        }

        return any;
    }

    /// <summary>Reads a line of text: CRI's, one with JSON behind a prefix, or one that names a trace. False if it is none of these.</summary>
    public bool PeelLine(ReadOnlySpan<byte> line, in Envelope envelope, int depth)
    {
        if (depth >= Deepest)
        {
            return false;
        }

        if (LogLine.TryReadCri(line, out ReadOnlySpan<byte> content, out bool isError, out bool isPartial))
        {
            sink.TakePart(content, isPartial, isError ? 2UL : 1UL, new Envelope { TimeUnixNano = LogLine.TimeOfCri(line) }.Within(in envelope), depth);
            return true;
        }

        int prefix = LogLine.LengthOfPrefix(line);
        int length = prefix > 0 ? LogText.LengthOfRecord(line[prefix..]) : 0;
        if (length > 0)
        {
            sink.TakeRecord(line.Slice(prefix, length), in envelope);
            return true;
        }

        bool hasJson = prefix > 0 && new JsonValueScan(ownLine: false).Scan(line[prefix..], ref length, isLast: true) == JsonValueScan.Outcome.Ended;
        if ((!hasJson || !TraceEvidence.In(line.Slice(prefix, length))) && TextLine.TryRead(line, out Envelope found))
        {
            found = found.Within(in envelope);
            sink.TakeRecord(TextLine.AsRecord(line, in found, _written), in envelope);
            return true;
        }

        if (hasJson)
        {
            PeelValue(line.Slice(prefix, length), in envelope, depth + 1);
        }
        else if (prefix > 0)
        {
            sink.Reject(line[prefix..], "the record behind the line's prefix is cut off");
        }

        return prefix > 0;
    }

    /// <summary>Reads an object or array.</summary>
    public void PeelValue(ReadOnlySpan<byte> value, in Envelope envelope, int depth)
    {
        try
        {
            if (LogText.LengthOfRecord(value) == value.Length)
            {
                sink.Visit(value);
                sink.TakeRecord(value, in envelope);
            }
            else if (value[0] == '{')
            {
                PeelObject(value, in envelope, depth);
            }
            else
            {
                PeelElements(value, in envelope, depth);
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or ArgumentException)
        {
            // Stricter than what has found the value's end.
            sink.Reject(value, "not JSON");
        }
    }

    private void PeelObject(ReadOnlySpan<byte> value, in Envelope outer, int depth)
    {
        sink.Visit(value);
        Container container = Container.Of(value);
        if (container.HasTrace || IsDocument(value) || container.Payload.IsEmpty || depth >= Deepest || (container.HasContext && !container.HasEvidence))
        {
            sink.TakeRecord(value, in outer);
            return;
        }

        Envelope envelope = container.Envelope.Within(in outer);
        if (container.MayNameService && ServiceSearch.Find(value) is { } service)
        {
            envelope = envelope with { Service = service };
        }

        bool peeled = container.Payload[0] switch
        {
            (byte)'"' => PeelText(in container, in envelope, depth),
            (byte)'{' => PeelPayload(in container, in envelope, depth),
            _ => PeelArray(in container, in envelope, depth),
        };
        if (!peeled)
        {
            sink.TakeRecord(value, in outer);
        }
    }

    /// <summary>Whether an object is of another format for certain: its own fields may be named like those of a wrapper.</summary>
    private static bool IsDocument(ReadOnlySpan<byte> value) =>
        ObjectShape.Of(value) is { IsCertain: true, Format: not (SourceFormat.SpanLog or SourceFormat.LogLines) };

    private bool PeelText(in Container container, in Envelope envelope, int depth)
    {
        ReadOnlySpan<byte> text = LogText.WithoutAzureQuotes(Unescape(container.Payload, depth));
        bool isLine = container.Role == ContainerRole.Payload || (container.Role == ContainerRole.Message && container.IsPartial is not null);
        if (container.MayBePart && isLine)
        {
            sink.TakePart(text, container.IsPartial, container.Origin, in envelope, depth);
            return true;
        }

        // A message that only mentions traces is no record; one that names a trace may still be less than the object around it.
        bool isNamed = container.Role == ContainerRole.Payload || !container.Envelope.TraceId.IsZero;
        bool isWorthwhile = isNamed || container.HasEvidence || LogText.LooksLikeJson(text) || TraceEvidence.HasIds(text);
        if (isWorthwhile && Peel(text, in envelope, depth + 1))
        {
            return true;
        }

        if (container.Envelope.TraceId.IsZero)
        {
            return false;
        }

        sink.TakeRecord(TextLine.AsRecord(text, in envelope, _written), in envelope);
        return true;
    }

    private bool PeelPayload(in Container container, in Envelope envelope, int depth)
    {
        if (container.Role != ContainerRole.Message)
        {
            PeelObject(container.Payload, in envelope, depth + 1);
            return true;
        }

        Container inner = Container.Of(container.Payload);
        if (inner.HasTrace || !inner.HasEvidence)
        {
            return false;
        }

        PeelObject(container.Payload, in envelope, depth + 1);
        return true;
    }

    private bool PeelArray(in Container container, in Envelope envelope, int depth)
    {
        switch (container.Role)
        {
            case ContainerRole.Rows:
                PeelLists(new LogColumns(container.Columns), container.Payload, in envelope, depth + 1);
                return true;
            case ContainerRole.Values:
                PeelLists(columns: null, container.Payload, in envelope, depth + 1);
                return true;
            default:
                PeelElements(container.Payload, in envelope, depth + 1);
                return true;
        }
    }

    private void PeelElements(ReadOnlySpan<byte> array, in Envelope envelope, int depth)
    {
        if (depth >= Deepest)
        {
            sink.Reject(array, $"values wrap each other more than {Deepest} times");
            return;
        }

        ReadOnlySpan<byte> rest = LogText.PassBlanks(array[1..^1]);
        while (!rest.IsEmpty)
        {
            int length = 0;
            bool isWhole = new JsonValueScan(ownLine: false).Scan(rest, ref length, isLast: true) == JsonValueScan.Outcome.Ended && length > 0;
            ReadOnlySpan<byte> element = isWhole ? rest[..length] : rest;
            sink.Visit(element);
            PeelElement(element, in envelope, depth);
            rest = LogText.PassBlanks(rest[element.Length..]);
        }
    }

    private void PeelElement(ReadOnlySpan<byte> element, in Envelope envelope, int depth)
    {
        if (element[0] == '[' && TryReadPairs(element, out ReadOnlySpan<byte> composed))
        {
            PeelValue(composed.ToArray(), in envelope, depth + 1);
        }
        else if (element[0] is (byte)'{' or (byte)'[' && element.Length > 1)
        {
            PeelValue(element, in envelope, depth + 1);
        }
        else if (element[0] != '"' || element.Length < 2 || !Peel(Unescape(element, depth), in envelope, depth + 1))
        {
            // The times before the records of Fluent Bit's forward format are none.
            bool isNumber = char.IsAsciiDigit((char)element[0]);
            sink.Reject(element, isNumber ? "a number is no record" : "a record is a JSON object, or text with one or with the id of a trace in it");
        }
    }

    /// <summary>Reads a time, a line and, where there is any, structured metadata, as Loki has them.</summary>
    public void PeelPair(ReadOnlySpan<byte> pair, in Envelope envelope, int depth = 0)
    {
        ReadOnlySpan<byte> line = default;
        ReadOnlySpan<byte> labels = default;
        long time = 0;
        ReadOnlySpan<byte> rest = LogText.PassBlanks(pair[1..^1]);
        for (int i = 0; i < 3 && !rest.IsEmpty; i++)
        {
            int length = 0;
            _ = new JsonValueScan(ownLine: false).Scan(rest, ref length, isLast: true);
            ReadOnlySpan<byte> element = rest[..Math.Max(length, 1)];
            bool isText = element[0] == '"' && element.Length > 1;
            time = i == 0 && Timestamps.TryParse(isText ? element[1..^1] : element, out long parsed) ? parsed : time;
            line = i == 1 && isText ? element : line;
            labels = i == 2 && element[0] == '{' ? element : labels;
            rest = LogText.PassBlanks(rest[element.Length..]);
        }

        Envelope of = envelope with { TimeUnixNano = time > 0 ? time : envelope.TimeUnixNano };
        if (TextLine.TryRead(labels, out Envelope named))
        {
            of = of with { TraceId = named.TraceId, SpanId = named.SpanId };
        }

        ReadOnlySpan<byte> text = line.IsEmpty || depth >= Deepest ? default : Unescape(line, depth);
        if (!text.IsEmpty && Peel(text, in of, depth + 1))
        {
            return;
        }

        if (text.IsEmpty || of.TraceId.IsZero)
        {
            sink.Reject(pair, "the line is no JSON and names no trace");
        }
        else
        {
            sink.TakeRecord(TextLine.AsRecord(text, in of, _written), in of);
        }
    }

    /// <summary>Reads a row of a table as an object of its columns.</summary>
    public void PeelRow(LogColumns columns, ReadOnlySpan<byte> row, in Envelope envelope, int depth = 0)
    {
        ReadOnlySpan<byte> record = depth < Deepest ? columns.Compose(row) : default;
        if (record.IsEmpty)
        {
            sink.Reject(row, "a row is an array of the columns' values");
        }
        else
        {
            PeelValue(record, in envelope, depth + 1);
        }
    }

    /// <summary>Reads an array of rows or pairs.</summary>
    private void PeelLists(LogColumns? columns, ReadOnlySpan<byte> lists, in Envelope envelope, int depth)
    {
        Utf8JsonReader json = NewReader(lists);
        json.Read();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            ReadOnlySpan<byte> list = Element(ref json, lists);
            sink.Visit(list);
            if (list[0] != '[')
            {
                sink.Reject(list, "an array of values is expected");
            }
            else if (columns is not null)
            {
                PeelRow(columns, list, in envelope, depth);
            }
            else
            {
                PeelPair(list, in envelope, depth);
            }
        }
    }

    /// <summary>Composes an object of CloudWatch's <c>[{"field": …, "value": …}]</c>.</summary>
    private bool TryReadPairs(ReadOnlySpan<byte> array, out ReadOnlySpan<byte> composed)
    {
        composed = default;
        if (array.IndexOf("\"field\""u8) < 0)
        {
            return false;
        }

        _written.ResetWrittenCount();
        using Utf8JsonWriter writer = new(_written);
        writer.WriteStartObject();
        Utf8JsonReader json = NewReader(array);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            ReadOnlySpan<byte> name = default;
            ReadOnlySpan<byte> value = default;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isName = json.ValueTextEquals("field"u8);
                bool isValue = json.ValueTextEquals("value"u8);
                json.Read();
                ReadOnlySpan<byte> element = Element(ref json, array);
                name = isName && element[0] == '"' ? element[1..^1] : name;
                value = isValue ? element : value;
            }

            if (name.IsEmpty || value.IsEmpty)
            {
                return false;
            }

            writer.WritePropertyName(name);
            writer.WriteRawValue(value);
        }

        writer.WriteEndObject();
        writer.Flush();
        composed = _written.WrittenSpan;
        return json.TokenType == JsonTokenType.EndArray;
    }

    private static Utf8JsonReader NewReader(ReadOnlySpan<byte> value) => new(value, new JsonReaderOptions { MaxDepth = 1000 });

    /// <summary>The JSON of the value on which a reader stands; passed.</summary>
    private static ReadOnlySpan<byte> Element(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> content)
    {
        int start = (int)json.TokenStartIndex;
        json.Skip();
        return content[start..(int)json.BytesConsumed];
    }

    /// <summary>The text of a JSON string; valid until the next one of the same depth.</summary>
    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> quoted, int depth) => (_texts[depth] ??= new JsonText()).Of(quoted);
}
