using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Reads names and single values of OTLP's JSON encoding. A value of another kind than its field's costs the record that field, and an attribute
/// nothing but its type; only ids that cannot be used are a <see cref="Fault"/>, and only broken JSON stops reading: then methods return null, as
/// <see cref="JsonScanner"/> does.
/// </summary>
internal sealed unsafe class OtlpJsonFields(JsonScanner json)
{
    /// <summary>What is wrong with the ids of the record that was read last; null if nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where in the record, as a JSON path from it.</summary>
    public string FaultPath { get; private set; } = string.Empty;

    /// <summary>What is odd about the record that was read last.</summary>
    public SpanFlags Odd { get; private set; }

    /// <summary>Whether it lost a field.</summary>
    public bool Lost { get; private set; }

    /// <summary>Begins a record, resource or scope.</summary>
    public void Begin()
    {
        Fault = null;
        FaultPath = string.Empty;
        Odd = SpanFlags.None;
        Lost = false;
    }

    public byte* ReadTraceId(byte* at, string path, out TraceId id)
    {
        id = default;
        if (*at != '"')
        {
            return NoId(at, path, "32 hex digits");
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
            return NoId(at, path, "16 hex digits");
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null && length > 0 && !OtlpJsonId.TryParse(text, length, out id))
        {
            Note(path, $"expected 16 hex digits, not {length} characters like that");
        }

        return at;
    }

    public byte* ReadParentId(byte* at, out SpanId id)
    {
        id = default;
        if (*at != '"')
        {
            Odd |= *at == 'n' ? SpanFlags.None : SpanFlags.OddParentId;
            return json.SkipValue(at, 2);
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null && length > 0 && (!OtlpJsonId.TryParse(text, length, out id) || id.IsZero))
        {
            Odd |= SpanFlags.OddParentId;
        }

        return at;
    }

    /// <summary>Reads a time in ns, as an integer of any form, or as RFC 3339; 0 for none, and, which is odd, for any other value.</summary>
    public byte* ReadTime(byte* at, out long nano)
    {
        bool isTime;
        if (*at == '"')
        {
            at = json.ReadString(at + 1, out byte* start, out int length);
            ReadOnlySpan<byte> text = at is null ? default : new ReadOnlySpan<byte>(start, length);
            isTime = TryParseInteger(text, out nano) || text.IsEmpty || (text.Length >= 19 && Timestamps.TryParse(text, out nano));
        }
        else
        {
            at = ReadInteger(at, out nano, out isTime);
        }

        if (!isTime || nano < 0)
        {
            nano = 0;
            Odd |= SpanFlags.OddTime;
        }

        return at;
    }

    /// <summary>Reads a string; of a number or truth the text, of anything else none.</summary>
    public byte* ReadText(byte* at, OtlpAttributes attributes, out int text)
    {
        byte* start = at;
        text = 0;
        if (*at is (byte)'t' or (byte)'f')
        {
            at = json.SkipWord(at, *at == 't' ? "true"u8 : "false"u8);
            text = at is null ? 0 : attributes.Intern(new ReadOnlySpan<byte>(start, (int)(at - start)));
            return at;
        }

        at = json.ReadScalar(at, 3, out ReadOnlySpan<byte> scalar);
        text = at is null ? 0 : attributes.Intern(scalar);
        Lost |= *start is (byte)'{' or (byte)'[';
        return at;
    }

    public byte* ReadBytes(byte* at, out byte[] bytes)
    {
        bytes = [];
        if (*at != '"')
        {
            return Lose(at, 3);
        }

        at = json.ReadString(at + 1, out byte* start, out int length);
        if (at is not null)
        {
            bytes = new ReadOnlySpan<byte>(start, length).ToArray();
        }

        return at;
    }

    /// <summary>
    /// Reads an integer of 64 bits, written as a number or, since JavaScript's numbers have 53 bits only, as a string, or as an object of
    /// two halves; null is 0.
    /// </summary>
    public byte* ReadInteger(byte* at, out long value, out bool isInteger)
    {
        value = 0;
        switch (*at)
        {
            case (byte)'{':
                return ReadHalves(at, out value, out isInteger);
            case (byte)'"':
                at = json.ReadString(at + 1, out byte* text, out int length);
                isInteger = at is not null && TryParseInteger(new ReadOnlySpan<byte>(text, length), out value);
                return at;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                at = json.ReadNumber(at, out AttributeKind kind, out long bits);
                double number = kind == AttributeKind.Double ? BitConverter.Int64BitsToDouble(bits) : double.NaN;
                bool isWhole = number == Math.Floor(number) && Math.Abs(number) < 9.2e18;
                isInteger = kind == AttributeKind.Int64 || isWhole;
                value = kind == AttributeKind.Int64 ? bits : isWhole ? (long)number : 0;
                return at;
            default:
                isInteger = *at == 'n';
                return json.SkipValue(at, 3);
        }
    }

    /// <summary>Reads <c>{"low", "high"}</c>, 32 bits each, signed or not, as protobuf.js and the first JavaScript exporters write 64 bits.</summary>
    private byte* ReadHalves(byte* at, out long value, out bool isInteger)
    {
        value = 0;
        isInteger = false;
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

        isInteger = halves == 2;
        return at;
    }

    private static bool TryParseInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;

    /// <summary>Reads the value of <c>intValue</c>; one that is no integer of 64 bits stays what it is, beyond 64 bits as text.</summary>
    public byte* ReadIntegerValue(byte* at, OtlpAttributes attributes, int depth, out AttributeKind kind, out long bits)
    {
        byte* start = at;
        kind = AttributeKind.Int64;
        at = ReadInteger(at, out bits, out bool isInteger);
        return at is null || isInteger ? at : ReadPlain(start, attributes, depth, out kind, out bits);
    }

    /// <summary>Reads the value of <c>doubleValue</c>; one that is no number stays what it is.</summary>
    public byte* ReadDoubleValue(byte* at, OtlpAttributes attributes, int depth, out AttributeKind kind, out long bits)
    {
        byte* start = at;
        kind = AttributeKind.Double;
        bool isNumber = *at is (byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9');
        double value = 0;
        if (isNumber)
        {
            at = json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
            isNumber = at is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        }

        bits = BitConverter.DoubleToInt64Bits(value);
        return at is null || isNumber ? at : ReadPlain(start, attributes, depth, out kind, out bits);
    }

    /// <summary>Reads the value of <c>boolValue</c>; one that is no truth stays what it is.</summary>
    public byte* ReadBooleanValue(byte* at, OtlpAttributes attributes, int depth, out AttributeKind kind, out long bits)
    {
        bool isText = JsonScanner.Stands(at, "\"true\""u8) || JsonScanner.Stands(at, "\"false\""u8);
        if (!isText)
        {
            return ReadPlain(at, attributes, depth, out kind, out bits);
        }

        (kind, bits) = (AttributeKind.Bool, at[1] == 't' ? 1 : 0);
        return json.SkipValue(at, depth);
    }

    /// <summary>Reads the value of <c>bytesValue</c>; one that is no base64 stays what it is.</summary>
    public byte* ReadBytesValue(byte* at, OtlpAttributes attributes, int depth, out AttributeKind kind, out long bits)
    {
        if (*at == '"')
        {
            byte* behind = json.ReadString(at + 1, out byte* start, out int length);
            if (behind is null || OtlpJsonId.TryDecode(new ReadOnlySpan<byte>(start, length), out byte[] bytes) is false)
            {
                (kind, bits) = (AttributeKind.String, 0);
                return behind is null ? null : ReadPlain(at, attributes, depth, out kind, out bits);
            }

            (kind, bits) = (AttributeKind.Bytes, attributes.InternBase64(bytes));
            return behind;
        }

        return ReadPlain(at, attributes, depth, out kind, out bits);
    }

    /// <summary>Reads a value that is JSON of its own, as JSON means it.</summary>
    public byte* ReadPlain(byte* at, OtlpAttributes attributes, int depth, out AttributeKind kind, out long bits)
    {
        byte* start = at;
        bits = 0;
        switch (*at)
        {
            case (byte)'"':
                kind = AttributeKind.String;
                at = json.ReadString(at + 1, out byte* text, out int length);
                ReadOnlySpan<byte> value = at is null ? default : new ReadOnlySpan<byte>(text, length);
                Odd |= IsLongInteger(value) ? SpanFlags.OddNumber : SpanFlags.None;
                bits = attributes.Intern(value);
                return at;
            case (byte)'t' or (byte)'f':
                (kind, bits) = (AttributeKind.Bool, *at == 't' ? 1 : 0);
                return json.SkipWord(at, *at == 't' ? "true"u8 : "false"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                at = json.ReadNumber(at, out kind, out bits);
                if (at is not null && kind == AttributeKind.Json)
                {
                    kind = AttributeKind.String;
                    Odd |= SpanFlags.OddNumber;
                    bits = attributes.Intern(new ReadOnlySpan<byte>(start, (int)(at - start)));
                }

                return at;
            default:
                at = json.SkipValue(at, depth);
                ReadOnlySpan<byte> raw = at is null ? default : json.Repair(new ReadOnlySpan<byte>(start, (int)(at - start)));
                bits = attributes.InternJson(raw, out kind);
                return at;
        }
    }

    private static bool IsLongInteger(ReadOnlySpan<byte> text) =>
        text.Length >= 19 && !text[(text[0] == '-' ? 1 : 0)..].ContainsAnyExceptInRange((byte)'0', (byte)'9') && !TryParseInteger(text, out _);

    public byte* ReadEnumeration(byte* at, OtlpEnumerations.Lookup valueOf, out long value)
    {
        if (*at != '"')
        {
            at = ReadInteger(at, out value, out bool isInteger);
            Lost |= !isInteger;
            return at;
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

    /// <summary>Passes a value of a kind that its field never has; null stands for the field's default in protobuf's JSON.</summary>
    public byte* Lose(byte* at, int depth)
    {
        Lost |= *at != 'n';
        return json.SkipValue(at, depth);
    }

    private byte* NoId(byte* at, string path, string expected)
    {
        if (*at != 'n')
        {
            Note(path, $"expected {expected}");
        }

        return json.SkipValue(at, 3);
    }

    private void Note(string path, string fault)
    {
        if (Fault is null)
        {
            Fault = fault;
            FaultPath = path;
        }
    }
}
