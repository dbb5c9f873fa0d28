using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads names and single values of OTLP's JSON encoding. What is wrong with a value is noted and read on behind it; only broken JSON stops
/// reading: then methods return null, as <see cref="JsonScanner"/> does.
/// </summary>
internal sealed unsafe class OtlpJsonFields(JsonScanner json)
{
    /// <summary>What is wrong with the record that was read last; null if nothing is.</summary>
    public string? Fault { get; set; }

    /// <summary>Where in the record, as a JSON path from it.</summary>
    public string FaultPath { get; set; } = string.Empty;

    public byte* ReadTraceId(byte* at, string path, out TraceId id)
    {
        id = default;
        if (*at != '"')
        {
            return WrongOrNull(at, path, "32 hex digits");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null && length > 0 && !OtlpJsonId.TryParse(text, length, out id))
        {
            Note(path, $"expected 32 hex digits, not {length} characters like that");
        }

        return at;
    }

    public byte* ReadSpanId(byte* at, string path, out SpanId id)
    {
        id = default;
        if (*at != '"')
        {
            return WrongOrNull(at, path, "16 hex digits");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null && length > 0 && !OtlpJsonId.TryParse(text, length, out id))
        {
            Note(path, $"expected 16 hex digits, not {length} characters like that");
        }

        return at;
    }

    public byte* ReadTime(byte* at, string path, out long nano)
    {
        at = ReadInteger(at, path, out nano);
        if (nano < 0)
        {
            nano = 0;
            Note(path, "expected nanoseconds since 1970");
        }

        return at;
    }

    public byte* ReadText(byte* at, string path, OtlpAttributes attributes, out int text)
    {
        text = 0;
        if (*at != '"')
        {
            return WrongOrNull(at, path, "a string");
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null)
        {
            text = attributes.Intern(new ReadOnlySpan<byte>(start, length));
        }

        return at;
    }

    public byte* ReadBytes(byte* at, string path, out byte[] bytes)
    {
        bytes = [];
        if (*at != '"')
        {
            return WrongOrNull(at, path, "a string");
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null)
        {
            bytes = new ReadOnlySpan<byte>(start, length).ToArray();
        }

        return at;
    }

    public byte* ReadBoolean(byte* at, string path, out bool truth)
    {
        truth = *at == 't';
        return *at switch
        {
            (byte)'t' => json.SkipWord(at, "true"u8),
            (byte)'f' => json.SkipWord(at, "false"u8),
            _ => WrongOrNull(at, path, "true or false"),
        };
    }

    /// <summary>
    /// Reads an integer of 64 bits, written as a number or, since JavaScript's numbers have 53 bits only, as a string, or as an object of
    /// two halves.
    /// </summary>
    public byte* ReadInteger(byte* at, string path, out long value)
    {
        value = 0;
        if (*at == '{')
        {
            return ReadHalves(at, path, out value);
        }

        if (*at == '"')
        {
            at = json.ReadString(at + 1, out byte* text, out int length);
            if (at is not null && !TryParseInteger(new ReadOnlySpan<byte>(text, length), out value))
            {
                Note(path, "expected an integer of at most 63 bits and a sign");
            }

            return at;
        }

        if (*at != '-' && (uint)(*at - '0') > 9)
        {
            return WrongOrNull(at, path, "an integer, as a number or string");
        }

        at = json.ReadNumber(at, out AttributeKind kind, out long bits);
        double number = kind == AttributeKind.Double ? BitConverter.Int64BitsToDouble(bits) : 0;
        if (at is not null && kind == AttributeKind.Int64)
        {
            value = bits;
        }
        else if (at is not null && kind == AttributeKind.Double && number == Math.Floor(number) && Math.Abs(number) < 9.2e18)
        {
            value = (long)number;
        }
        else if (at is not null)
        {
            Note(path, "expected an integer of at most 63 bits and a sign");
        }

        return at;
    }

    /// <summary>Reads <c>{"low", "high"}</c>, 32 bits each, signed or not, as protobuf.js and the first JavaScript exporters write 64 bits.</summary>
    private byte* ReadHalves(byte* at, string path, out long value)
    {
        value = 0;
        int halves = 0;
        at = json.BeginObject(at, 3, out bool ended);
        while (at is not null && !ended)
        {
            if (*at != '"')
            {
                return json.Fail(at, "a field's name in quotes is expected");
            }

            at = json.ReadString(at + 1, out byte* text, out int length);
            ReadOnlySpan<byte> name = at is null ? default : new ReadOnlySpan<byte>(text, length);
            int shift = name.SequenceEqual("low"u8) ? 0 : name.SequenceEqual("high"u8) ? 32 : -1;
            at = at is null ? null : json.PassColon(at);
            at = at is null ? null : json.ReadScalar(at, 4, out name);
            if (at is not null && shift >= 0 && TryParseInteger(name, out long half))
            {
                value |= (long)(uint)half << shift;
                halves++;
            }

            at = at is null ? null : json.EndField(at, out ended);
        }

        if (at is not null && halves != 2)
        {
            Note(path, "expected an integer, as a number, a string or its low and high halves");
        }

        return at;
    }

    private static bool TryParseInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;

    public byte* ReadDouble(byte* at, string path, out double value)
    {
        value = 0;
        if (*at == '"')
        {
            at = json.ReadString(at + 1, out byte* start, out int length);
            ReadOnlySpan<byte> text = at is null ? default : new ReadOnlySpan<byte>(start, length);
            if (at is not null && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            {
                Note(path, "expected a number");
            }

            return at;
        }

        if (*at != '-' && (uint)(*at - '0') > 9)
        {
            return WrongOrNull(at, path, "a number");
        }

        byte* first = at;
        at = json.ReadNumber(at, out AttributeKind kind, out long bits);
        if (at is not null)
        {
            value = kind switch
            {
                AttributeKind.Double => BitConverter.Int64BitsToDouble(bits),
                AttributeKind.Int64 when *first != '-' || bits != 0 => bits,
                _ => double.Parse(new ReadOnlySpan<byte>(first, (int)(at - first)), NumberStyles.Float, CultureInfo.InvariantCulture),
            };
        }

        return at;
    }

    public byte* ReadBase64(byte* at, string path, out byte[] bytes)
    {
        bytes = [];
        if (*at != '"')
        {
            return WrongOrNull(at, path, "base64");
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null && !OtlpJsonId.TryDecode(new ReadOnlySpan<byte>(start, length), out bytes))
        {
            Note(path, "expected base64");
        }

        return at;
    }

    public byte* ReadEnumeration(byte* at, string path, OtlpEnumerations.Lookup valueOf, out long value)
    {
        if (*at != '"')
        {
            return ReadInteger(at, path, out value);
        }

        value = 0;
        at = json.ReadString(at + 1, out byte* text, out int length);
        ReadOnlySpan<byte> name = at is null ? default : new ReadOnlySpan<byte>(text, length);
        if (at is not null && !TryParseInteger(name, out value))
        {
            value = valueOf(Encoding.UTF8.GetString(name));
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadName(byte* at, out OtlpField field)
    {
        field = OtlpField.Other;
        if (*at != '"')
        {
            return json.Fail(at, "a field's name in quotes is expected");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is null)
        {
            return null;
        }

        field = OtlpFieldNames.Of(new ReadOnlySpan<byte>(text, length));
        return json.PassColon(at);
    }

    /// <summary>Null stands for the field's default in protobuf's JSON.</summary>
    public byte* WrongOrNull(byte* at, string path, string expected) =>
        *at == 'n' ? json.SkipWord(at, "null"u8) : Wrong(at, path, expected);

    public byte* Wrong(byte* at, string path, string expected)
    {
        byte* behind = json.SkipValue(at, 3);
        if (behind is not null)
        {
            Note(path, $"expected {expected}");
        }

        return behind;
    }

    public void Note(string path, string fault)
    {
        if (Fault is null)
        {
            Fault = fault;
            FaultPath = path;
        }
    }
}
