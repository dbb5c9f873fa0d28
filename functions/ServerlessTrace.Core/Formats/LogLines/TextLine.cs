using System.Buffers;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>
/// Finds the trace in a line of plain text: <c>trace_id=… span_id=…</c> under any name that loggers use, logfmt, Datadog's <c>dd.trace_id=</c> in decimal,
/// X-Ray's and W3C's headers, and the <c>[service,trace,span]</c> and <c>[trace-span]</c> of Spring's patterns. Words are hexadecimal, too: ids of
/// fewer than 16 digits are none here.
/// </summary>
internal static class TextLine
{
    private static readonly SearchValues<byte> BehindValue = SearchValues.Create(" \t\r\n\"',)}]"u8);

    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("0123456789abcdefABCDEFx-/"u8);

    /// <summary>Reads the ids, the time at the beginning and the service of a line; false if it names no trace.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out Envelope found)
    {
        TraceId trace = default;
        SpanId span = default;
        byte[] service = [];
        if (TraceEvidence.In(line))
        {
            ReadNamed(line, ref trace, ref span, ref service);
        }

        found = default;
        if (trace.IsZero)
        {
            if (!TraceEvidence.HasIds(line) || !TryReadPattern(line, ref trace, ref span, ref service))
            {
                return false;
            }

            ReadNamed(line, ref trace, ref span, ref service);
        }

        found = new Envelope(trace, span, TimeOf(line), service);
        return true;
    }

    /// <summary>Writes a line as a record that says the same.</summary>
    public static ReadOnlySpan<byte> AsRecord(ReadOnlySpan<byte> line, in Envelope found, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("trace_id"u8, found.TraceId.ToString());
            if (!found.SpanId.IsZero)
            {
                json.WriteString("span_id"u8, found.SpanId.ToString());
            }

            if (found.TimeUnixNano > 0)
            {
                json.WriteNumber("timestamp"u8, found.TimeUnixNano);
            }

            if (!found.Service.IsEmpty)
            {
                json.WriteString("service"u8, Encoding.UTF8.GetString(found.Service.Span));
            }

            json.WriteString("message"u8, Encoding.UTF8.GetString(line.Trim(" \t\r\n"u8)));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    /// <summary>Looks at each <c>name=value</c> and <c>name: value</c> whose name is of an id or the service.</summary>
    private static void ReadNamed(ReadOnlySpan<byte> line, ref TraceId trace, ref SpanId span, ref byte[] service)
    {
        for (int at = 0; at < line.Length; at++)
        {
            int sign = line[at..].IndexOfAny((byte)'=', (byte)':');
            if (sign < 0)
            {
                return;
            }

            at += sign;
            ReadOnlySpan<byte> name = NameBefore(line, at);
            ReadOnlySpan<byte> value = ValueBehind(line, at + 1);
            if (name.Length is < 5 or > 40 || value.IsEmpty)
            {
                continue;
            }

            switch (SpanLogFields.Classify(Encoding.UTF8.GetString(name), FieldPlace.Record).Field)
            {
                case SpanLogField.TraceId or SpanLogField.OtherTraceId when trace.IsZero && LoggedId.MustBeDecimal(value):
                    _ = LoggedId.TryParseDecimalTraceId(value, out trace);
                    break;
                case SpanLogField.TraceId or SpanLogField.OtherTraceId or SpanLogField.AwsTrace
                    when trace.IsZero && value.Length >= SpanId.HexLength && LoggedId.TryParseTraceId(value, out trace):
                    span = LoggedId.TryParseAwsParent(value, out SpanId parent) ? parent : span;
                    break;
                case SpanLogField.DatadogTraceId when trace.IsZero:
                    _ = LoggedId.TryParseDatadogTraceId(value, out trace);
                    break;
                case SpanLogField.TraceParent when trace.IsZero:
                    _ = TraceParentText.TryParse(value, out trace, out span);
                    break;
                case SpanLogField.SpanId or SpanLogField.OtherSpanId when span.IsZero:
                    _ = LoggedId.MustBeDecimal(value) ? LoggedId.TryParseDecimalSpanId(value, out span) : LoggedId.TryParseSpanId(value, out span);
                    break;
                case SpanLogField.DatadogSpanId when span.IsZero:
                    _ = LoggedId.TryParseDecimalSpanId(value, out span);
                    break;
                case SpanLogField.Service when service.Length == 0:
                    service = value.ToArray();
                    break;
            }
        }
    }

    private static ReadOnlySpan<byte> NameBefore(ReadOnlySpan<byte> line, int end)
    {
        while (end > 0 && line[end - 1] is (byte)'"' or (byte)'\'' or (byte)' ')
        {
            end--;
        }

        int start = end;
        while (start > 0 && (char.IsAsciiLetterOrDigit((char)line[start - 1]) || line[start - 1] is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'@'))
        {
            start--;
        }

        return line[start..end];
    }

    private static ReadOnlySpan<byte> ValueBehind(ReadOnlySpan<byte> line, int start)
    {
        ReadOnlySpan<byte> rest = line[start..].TrimStart(" \"'"u8);
        int end = rest.IndexOfAny(BehindValue);
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>Looks for <c>[service,trace,span]</c>, <c>[trace-span]</c> or <c>00-trace-span-01</c>, ids being 32 or 16 and 16 hex digits.</summary>
    private static bool TryReadPattern(ReadOnlySpan<byte> line, ref TraceId trace, ref SpanId span, ref byte[] service)
    {
        int at = 0;
        while (at < line.Length)
        {
            int start = line[at..].IndexOfAny(IdBytes);
            if (start < 0)
            {
                return false;
            }

            at += start;
            int length = line[at..].IndexOfAnyExcept(IdBytes);
            ReadOnlySpan<byte> run = length < 0 ? line[at..] : line.Slice(at, length);
            int dash = run.StartsWith("00-"u8) ? 35 : 32;
            bool isJoined = run.Length >= dash + 17 && run[dash] == '-';
            if (isJoined && TryParsePair(run[(dash - 32)..dash], run.Slice(dash + 1, 16), ref trace, ref span))
            {
                return true;
            }

            int behind = at + run.Length;
            bool isListed = run.Length is 32 or 16 && at > 0 && line[at - 1] == ',' && behind + 17 <= line.Length && line[behind] == ',';
            if (isListed && TryParsePair(run, line.Slice(behind + 1, 16), ref trace, ref span))
            {
                int bracket = line[..at].LastIndexOf((byte)'[');
                service = bracket >= 0 ? line[(bracket + 1)..(at - 1)].ToArray() : service;
                return bracket >= 0;
            }

            at = behind;
        }

        return false;
    }

    private static bool TryParsePair(ReadOnlySpan<byte> traceText, ReadOnlySpan<byte> spanText, ref TraceId trace, ref SpanId span)
    {
        if (!TraceId.TryParse(traceText, out TraceId first) || !SpanId.TryParse(spanText, out SpanId second))
        {
            return false;
        }

        (trace, span) = (first, second);
        return true;
    }

    /// <summary>The time at the beginning of a line, in brackets or not; 0 if there is none.</summary>
    private static long TimeOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line.TrimStart(" \t[("u8);
        if (rest.StartsWith("ts="u8) || rest.StartsWith("time="u8))
        {
            rest = rest[(rest.IndexOf((byte)'=') + 1)..].TrimStart((byte)'"');
        }

        for (int length = Math.Min(rest.Length, 35); length >= 19; length--)
        {
            if (rest[4] == '-' && Timestamps.TryParse(rest[..length], out long time))
            {
                return time;
            }
        }

        return 0;
    }
}
