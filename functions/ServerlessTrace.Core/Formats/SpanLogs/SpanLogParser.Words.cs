using ServerlessTrace.Core.Spans;
using FieldKey = ServerlessTrace.Core.Formats.Json.FieldKey<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Formats.SpanLogs;

internal sealed unsafe partial class SpanLogParser
{
    private byte* ReadKind(byte* at, FieldKey key, int depth)
    {
        if (*at != '"')
        {
            byte* number = at;
            at = ReadAttributeUnless(at, key, depth, *at is >= (byte)'0' and <= (byte)'5' && at[1] is (byte)',' or (byte)'}' or <= (byte)' ', out bool known);
            Record.Kind = known && at is not null ? (SpanKind)(*number - '0') : Record.Kind;
            return at;
        }

        byte* start = at;
        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is null)
        {
            return null;
        }

        if (SpanLogValues.TryParseKind(new ReadOnlySpan<byte>(text, length), out SpanKind kind))
        {
            Record.Kind = kind;
            return at;
        }

        return ReadAttribute(start, key, Attributes, depth);
    }

    private byte* ReadStatus(byte* at, FieldKey key, int depth)
    {
        if (*at == '{')
        {
            return ReadFields(at, key.Beginning, FieldPlace.Status, depth);
        }

        SpanStatus status;
        if (*at != '"')
        {
            byte* number = at;
            at = ReadAttributeUnless(at, key, depth, *at is >= (byte)'0' and <= (byte)'2' && at[1] is (byte)',' or (byte)'}' or <= (byte)' ', out bool known);
            if (at is null || !known)
            {
                return at;
            }

            status = (SpanStatus)(*number - '0');
        }
        else
        {
            byte* start = at;
            at = json.ReadString(at + 1, out byte* text, out int length);
            if (at is null)
            {
                return null;
            }

            if (!SpanLogValues.TryParseStatus(new ReadOnlySpan<byte>(text, length), out status))
            {
                return ReadAttribute(start, key, Attributes, depth);
            }
        }

        if (key.Strength >= Record.StatusStrength)
        {
            Record.Status = status;
            Record.StatusStrength = key.Strength;
        }

        return at;
    }

    private byte* ReadError(byte* at, FieldKey key, int depth)
    {
        switch (*at)
        {
            case (byte)'{':
                return ReadFields(at, key.Beginning, FieldPlace.Error, depth);
            case (byte)'t':
                Record.Failed = true;
                return json.SkipWord(at, "true"u8);
            case (byte)'f':
                Record.Failed = false;
                return json.SkipWord(at, "false"u8);
            default:
                return ReadText(at, key, depth, ref Record.ErrorMessage);
        }
    }

    private byte* ReadBaggage(byte* at, FieldKey key, int depth)
    {
        if (*at == '{')
        {
            return ReadAttributes(at, key.Beginning, FieldPlace.Baggage, Context, depth);
        }

        if (*at != '"')
        {
            return *at == 'n' ? json.SkipWord(at, "null"u8) : ReadAttribute(at, key, Attributes, depth);
        }

        at = json.ReadString(at + 1, out byte* text, out int length);
        if (at is not null)
        {
            ReadBaggage(new ReadOnlySpan<byte>(text, length));
        }

        return at;
    }
}
