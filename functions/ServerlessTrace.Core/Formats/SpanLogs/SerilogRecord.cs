using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Gives the fields of Serilog's compact JSON their meaning once a record is read. A record with <c>@st</c> is a span, which began then and ended at
/// <c>@t</c>, is named by its message template and failed if its level is Error (serilog-tracing/serilog-tracing, README, "How are traces represented?").
/// Any other is a log line.
/// </summary>
internal static class SerilogRecord
{
    /// <summary>Moves what the fields say to where the record has it.</summary>
    public static void Apply(SpanLogParser parser, StringTable strings)
    {
        ref SpanLogRecord record = ref parser.Record;
        if (record.StackTrace != 0 && (record.ErrorCode | record.ErrorMessage) == 0)
        {
            ReadException(ref record, strings);
        }

        if (record.EndsAtTimestamp && !record.SpanId.IsZero)
        {
            record.EndTime = record.EndTime != 0 ? record.EndTime : record.Timestamp;
            record.Failed |= record.IsSevere;
            if (record.OwnName == 0)
            {
                record.SpanName = record.MessageTemplate != 0 ? record.MessageTemplate : record.Message;
                record.Message = record.MessageTemplate != 0 ? record.Message : 0;
            }
        }
        else if (record.Message == 0)
        {
            record.Message = record.MessageTemplate;
        }
        else
        {
            parser.Values.AddText(parser.Attributes, parser.Keys.MessageTemplate, record.MessageTemplate);
        }
    }

    /// <summary>Reads type and message off an exception's text, which begins with a line <c>Type: message</c>.</summary>
    private static void ReadException(ref SpanLogRecord record, StringTable strings)
    {
        ReadOnlySpan<byte> line = strings[record.StackTrace];
        int end = line.IndexOfAny((byte)'\n', (byte)'\r');
        line = end < 0 ? line : line[..end];
        int colon = line.IndexOf(": "u8);
        ReadOnlySpan<byte> type = colon < 0 ? line : line[..colon];
        if (type.IsEmpty || type.Contains((byte)' '))
        {
            return;
        }

        // What is added to the table moves it.
        byte[] message = colon < 0 ? [] : line[(colon + 2)..].ToArray();
        record.ErrorCode = strings.Add(type.ToArray());
        record.ErrorMessage = strings.Add(message);
    }
}
