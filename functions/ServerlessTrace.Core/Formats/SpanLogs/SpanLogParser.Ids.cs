using ServerlessTrace.Core.Spans;
using FieldKey = ServerlessTrace.Core.Formats.Json.FieldKey<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Formats.SpanLogs;

internal sealed unsafe partial class SpanLogParser
{
    // Whether the record before had decimal ids: then this one is read as if it had them, and read again if not.
    private bool _decimal;
    private bool _sawDecimal;

    private byte* ReadTraceId(byte* at, FieldKey key, int depth)
    {
        if (*at == '"' && at[33] == '"' && HexText.TryParse16(at + 1, out ulong high) && HexText.TryParse16(at + 17, out ulong low))
        {
            Record.TraceId = new TraceId(high, low);
            Record.IsDecimal = false;
            SetFault(key.Field, Record.TraceId.IsZero ? $"{Name(key)} is all zeros: expected the id of a trace" : null);
            return at + 34;
        }

        bool isNumber = *at != '"';
        at = ReadPlainText(at, key, depth, "a string of up to 32 hex digits", out ReadOnlySpan<byte> text, numbers: true);
        Record.TraceId = default;
        Record.IsDecimal = false;
        if (at is null || text.IsEmpty)
        {
            return at;
        }

        // Of a shorter text nothing says whether it is decimal, but that others of the source are.
        if (isNumber || LoggedId.MustBeDecimal(text) || (_sawDecimal && text.Length <= SpanId.HexLength && LoggedId.IsDecimal(text)))
        {
            Record.IsDecimal = LoggedId.TryParseDecimalTraceId(text, out Record.TraceId);
            _sawDecimal |= Record.IsDecimal && !isNumber;
        }
        else
        {
            SpanId parent = default;
            _ = TraceParentText.TryParse(text, out Record.TraceId, out parent)
                || (LoggedId.TryParseTraceId(text, out Record.TraceId) && LoggedId.TryParseAwsParent(text, out parent));
            Record.OtherSpanId = Record.OtherSpanId.IsZero ? parent : Record.OtherSpanId;
        }

        if (Record.TraceId.IsZero)
        {
            SetFault(key.Field, $"{Name(key)} '{Quote(text)}' is not hexadecimal: expected 1 to 32 hex digits, not all zeros");
        }

        return at;
    }

    private byte* ReadSpanId(byte* at, FieldKey key, int depth, ref SpanId id, SpanFlags odd)
    {
        if (*at == '"' && at[17] == '"' && !_decimal && HexText.TryParse16(at + 1, out ulong value))
        {
            id = new SpanId(value);
            Record.Odd |= value == 0 ? odd : SpanFlags.None;
            return at + 18;
        }

        bool isNumber = *at != '"';
        at = ReadPlainText(at, key, depth, "a string of up to 16 hex digits", out ReadOnlySpan<byte> text, numbers: true);
        id = default;
        if (at is null || text.IsEmpty)
        {
            Record.Odd |= FaultOf(key.Field) is not null ? odd : SpanFlags.None;
            return at;
        }

        bool isDecimal = isNumber || (_decimal && LoggedId.IsDecimal(text)) || (text.Length > SpanId.HexLength && LoggedId.MustBeDecimal(text));
        if (!(isDecimal ? LoggedId.TryParseDecimalSpanId(text, out id) : LoggedId.TryParseSpanId(text, out id)))
        {
            Record.Odd |= odd;
        }

        return at;
    }

    /// <summary>Reads an id under a name that is another's; what is none stays an attribute.</summary>
    private byte* ReadOtherTraceId(byte* at, FieldKey key, int depth)
    {
        byte* behind = ReadIdText(at, key, depth, out ReadOnlySpan<byte> text);
        bool isId = key.Field switch
        {
            _ when text.IsEmpty => false,
            SpanLogField.DatadogTraceId => LoggedId.TryParseDatadogTraceId(text, out Record.OtherTraceId),
            SpanLogField.CloudTraceContext => TryReadCloudTraceContext(text),
            _ => LoggedId.TryParseTraceId(text, out Record.OtherTraceId),
        };
        Record.HasForeignField |= SpanLogFields.IsAzureName(key.Written);
        if (isId && key.Field == SpanLogField.AwsTrace)
        {
            _ = LoggedId.TryParseAwsParent(text, out Record.OtherSpanId);
        }

        return isId || behind is null ? behind : ReadAttribute(at, key, Attributes, depth);
    }

    /// <summary>Reads a span's id under a name that is another's; what is none stays an attribute.</summary>
    private byte* ReadOtherSpanId(byte* at, FieldKey key, int depth)
    {
        byte* behind = ReadIdText(at, key, depth, out ReadOnlySpan<byte> text);
        SpanId id = default;
        bool isId = key.Field == SpanLogField.DatadogSpanId ? LoggedId.TryParseDecimalSpanId(text, out id) : LoggedId.TryParseSpanId(text, out id);
        Record.OtherSpanId = isId && Record.OtherSpanId.IsZero ? id : Record.OtherSpanId;
        return isId || behind is null ? behind : ReadAttribute(at, key, Attributes, depth);
    }

    /// <summary>The text of a string or number; empty for any other value.</summary>
    private byte* ReadIdText(byte* at, FieldKey key, int depth, out ReadOnlySpan<byte> text)
    {
        long line = json.Line;
        byte* behind = json.ReadScalar(at, depth, out text);
        text = text.Trim(" \t"u8);
        json.Line = behind is null || !text.IsEmpty ? json.Line : line;
        return behind;
    }

    /// <summary>Reads Google's header of before W3C Trace Context: <c>TRACE_ID/SPAN_ID;o=1</c>, the span's id being decimal.</summary>
    private bool TryReadCloudTraceContext(ReadOnlySpan<byte> text)
    {
        int slash = text.IndexOf((byte)'/');
        if (!TraceId.TryParse(slash < 0 ? text : text[..slash], out Record.OtherTraceId))
        {
            return false;
        }

        ReadOnlySpan<byte> span = slash < 0 ? default : text[(slash + 1)..];
        int options = span.IndexOf((byte)';');
        _ = LoggedId.TryParseDecimalSpanId(options < 0 ? span : span[..options], out Record.OtherSpanId);
        return true;
    }

    private byte* ReadTraceParent(byte* at, FieldKey key, int depth)
    {
        at = ReadPlainText(at, key, depth, "a W3C traceparent", out ReadOnlySpan<byte> text);
        if (at is not null && !text.IsEmpty && !TraceParentText.TryParse(text, out Record.HeaderTraceId, out Record.HeaderSpanId))
        {
            SetFault(key.Field, $"{Name(key)} '{Quote(text)}' is not W3C Trace Context: expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>");
        }

        return at;
    }
}
