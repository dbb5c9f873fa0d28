using System.Text;
using ServerlessTrace.Core.Spans;
using FieldKey = ServerlessTrace.Core.Formats.Json.FieldKey<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Formats.SpanLogs;

internal sealed unsafe partial class SpanLogParser
{
    private byte* ReadTimestamp(byte* at, FieldKey key, int depth)
    {
        if (Record.TimestampStrength > key.Strength)
        {
            return ReadAttribute(at, key, Attributes, depth);
        }

        long time = 0;
        at = ReadTime(at, key, depth, ref time);
        if (time != 0)
        {
            Record.Timestamp = time;
            Record.TimestampStrength = key.Strength;
        }

        return at;
    }

    /// <summary>Reads a time that counts where the record has no other; it is an attribute, too.</summary>
    private byte* ReadOtherTimestamp(byte* at, FieldKey key, int depth)
    {
        if (Record.Timestamp == 0)
        {
            long line = json.Line;
            byte* behind = json.SkipValue(at, depth);
            if (behind is not null && Timestamps.TryParseValue(new ReadOnlySpan<byte>(at, (int)(behind - at)), out long time))
            {
                Record.Timestamp = time;
            }

            json.Line = line;
        }

        return ReadAttribute(at, key, Attributes, depth);
    }

    private byte* ReadTime(byte* at, FieldKey key, int depth, ref long time)
    {
        byte* behind = _times.TryReadQuick(at, out long quick);
        if (behind is null)
        {
            return ReadRareTime(at, key, depth, ref time);
        }

        time = quick;
        SetFault(key.Field, null);
        return behind;
    }

    private byte* ReadRareTime(byte* at, FieldKey key, int depth, ref long time)
    {
        byte* start = at;
        if (*at == '{')
        {
            long line = json.Line;
            at = json.SkipValue(at, depth);
            if (at is null || Timestamps.TryParseObject(new ReadOnlySpan<byte>(start, (int)(at - start)), out time))
            {
                return at;
            }

            at = start;
            json.Line = line;
        }

        at = ReadPlainText(at, key, depth, Timestamps.Expected[9..], out ReadOnlySpan<byte> text, numbers: true);
        if (at is null || text.IsEmpty)
        {
            Record.Odd |= FaultOf(key.Field) is not null ? SpanFlags.OddTime : SpanFlags.None;
            return at;
        }

        if (Timestamps.IsUnset(text) && key.Field is SpanLogField.StartTime or SpanLogField.EndTime)
        {
            return at;
        }

        if (!Timestamps.TryParse(text, out long parsed))
        {
            SetOddTime(key.Field, $"{Name(key)} '{Quote(text)}' is not a time after 1970: {Timestamps.Expected}");
        }
        else if (parsed == 0 && key.Field == SpanLogField.Timestamp)
        {
            SetOddTime(key.Field, $"{Name(key)} is 1970-01-01, the time of a clock that was never set: {Timestamps.Expected}");
        }
        else
        {
            _times.Remember(start, parsed);
            time = parsed;
        }

        return at;
    }

    private void SetOddTime(SpanLogField field, string fault)
    {
        Record.Odd |= SpanFlags.OddTime;
        SetFault(field, fault);
    }

    private byte* ReadDuration(byte* at, FieldKey key, int depth, int power)
    {
        Record.DurationField = key;
        Record.DurationText = at;
        byte* behind = TimeReader.TryReadDecimal(at, power, out Record.Duration);
        return behind is not null ? behind : ReadRareDuration(at, key, depth, power);
    }

    /// <summary>Reads a duration that is no plain number. One that cannot be is left out: the span still happened.</summary>
    private byte* ReadRareDuration(byte* start, FieldKey key, int depth, int power)
    {
        long line = json.Line;
        byte* at = ReadPlainText(start, key, depth, "a number", out ReadOnlySpan<byte> text, numbers: true);
        if (at is null || (text.IsEmpty && FaultOf(key.Field) is null))
        {
            Record.DurationField = null;
            Record.HasOddDuration = true;
            return at;
        }

        if (Timestamps.TryParseDecimal(text, power, out Record.Duration))
        {
            return at;
        }

        Record.Odd |= SpanFlags.OddDuration;
        Record.Duration = -1;
        if (!text.IsEmpty && text[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9'))
        {
            return at;
        }

        Record.DurationField = null;
        Record.HasOddDuration = true;
        json.Line = line;
        return ReadAttribute(start, key, Attributes, depth);
    }

    /// <summary>Keeps the duration of a record that is no span's as an attribute.</summary>
    public void KeepDuration()
    {
        if (Record.DurationField is { } key && Record.Duration != 0)
        {
            ReadAttribute(Record.DurationText, key, Attributes, 1);
        }
    }

    private byte* ReadEvent(byte* at, FieldKey key, int depth)
    {
        at = ReadText(at, key, depth, ref Record.EventText);
        if (at is null || Record.EventText == 0)
        {
            Record.Event = SpanLogEvent.None;
            return at;
        }

        ReadOnlySpan<byte> text = _strings[Record.EventText];
        Record.Event = text.SequenceEqual("span_start"u8) ? SpanLogEvent.SpanStart
            : text.SequenceEqual("span_end"u8) ? SpanLogEvent.SpanEnd
            : text.SequenceEqual("span_event"u8) ? SpanLogEvent.SpanEvent
            : text.SequenceEqual("span_error"u8) ? SpanLogEvent.SpanError
            : text.Length > 16 ? SpanLogEvent.Other
            : SpanLogFields.Spell(Encoding.UTF8.GetString(text)) switch
            {
                "spanstart" => SpanLogEvent.SpanStart,
                "spanend" => SpanLogEvent.SpanEnd,
                "spanevent" => SpanLogEvent.SpanEvent,
                "spanerror" => SpanLogEvent.SpanError,
                _ => SpanLogEvent.Other,
            };
        return at;
    }
}
