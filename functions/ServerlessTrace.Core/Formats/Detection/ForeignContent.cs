namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>Content that is no JSON, of formats that are known and not read: their names, and what to do instead where that is not to send something else.</summary>
internal static class ForeignContent
{
    /// <summary>Names by the bytes that files of a format begin with (its specification, or <c>file</c>'s magic).</summary>
    private static readonly (byte[] Magic, string Name)[] Magics =
    [
        ([.. "PK\u0003\u0004"u8], "a ZIP archive"),
        ([.. "BZh"u8], "compressed with bzip2"),
        ([0xFD, 0x37, 0x7A, 0x58], "compressed with xz"),
        ([0x04, 0x22, 0x4D, 0x18], "compressed with LZ4"),
        ([0xFF, 0x06, 0x00, 0x00, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59], "compressed with Snappy"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive"),
        ([.. "PAR1"u8], "a Parquet file"),
        ([.. "Obj\u0001"u8], "an Avro file"),
        ([.. "ORC"u8], "an ORC file"),
        ([.. "ARROW1"u8], "an Arrow file"),
        ([.. "SQLite format 3"u8], "an SQLite database"),
        ([.. "Nettrace"u8], "a .NET event trace (nettrace)"),
        ([.. "FLR\0"u8], "a Java Flight Recorder file"),
        ([.. "JAVA PROFILE"u8], "a Java heap dump"),
        ([.. "ElfFile"u8], "a Windows event log"),
        ([.. "PERFILE2"u8], "a recording of Linux perf"),
        ([0xC1, 0x1F, 0xFC, 0xC1], "a trace in the Common Trace Format (CTF)"),
        ([0x75, 0xD1, 0x1F, 0xC1], "the metadata of a trace in the Common Trace Format (CTF)"),
        ([0xD4, 0xC3, 0xB2, 0xA1], "a packet capture"),
        ([0x0A, 0x0D, 0x0D, 0x0A], "a packet capture"),
        ([.. "%PDF"u8], "a PDF file"),
        ([0x89, 0x50, 0x4E, 0x47], "a picture"),
        ([0xFF, 0xD8, 0xFF], "a picture"),
        ([0x7F, 0x45, 0x4C, 0x46], "a program"),
    ];

    /// <summary>The name of a binary format; null for text.</summary>
    public static string? NameOfBinary(ReadOnlySpan<byte> prefix)
    {
        foreach ((byte[] magic, string name) in Magics)
        {
            if (prefix.StartsWith(magic))
            {
                return name;
            }
        }

        if (prefix.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || prefix.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return "UTF-16 text";
        }

        ReadOnlySpan<byte> text = prefix.TrimStart(" \t\r\n,[]"u8);
        return text.IsEmpty || text[0] == '{' ? null
            : IsTar(prefix) ? "a tar archive"
            : IsZipkinThrift(prefix) ? "Zipkin v1 in Thrift: send Zipkin JSON"
            : IsZipkinProtobuf(prefix) ? "Zipkin v2 in protobuf: send Zipkin JSON"
            : prefix.StartsWith((ReadOnlySpan<byte>)[0x82, 0x21]) || prefix.StartsWith((ReadOnlySpan<byte>)[0x82, 0x81]) ? "a message of Jaeger's agent, in Thrift: send OTLP, or the JSON of Jaeger's page"
            : IsThriftStruct(prefix) ? "a Thrift message, as Jaeger's clients send: send OTLP, or the JSON of Jaeger's page"
            : IsMessagePack(prefix) && prefix.IndexOf("trace_id"u8) > 0 ? "traces of Datadog in MessagePack: send their JSON"
            : prefix.IndexOfAnyInRange((byte)0, (byte)8) < 0 ? null
            : IsPprof(prefix) ? "a pprof profile, not a trace: send spans"
            : IsPerfetto(prefix) ? "a Perfetto trace, which has no trace ids: send what it was made from"
            : prefix.Contains((byte)0) ? "binary"
            : null;
    }

    /// <summary>The name of a format of text, and what to do; null for any other text.</summary>
    public static string? NameOfText(ReadOnlySpan<byte> prefix)
    {
        ReadOnlySpan<byte> text = prefix.TrimStart(" \t\r\n"u8);
        int end = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
        return StartsWith(text, "<!doctype html"u8) || StartsWith(text, "<html"u8) ? "an HTML page: send the data itself, not the page that shows it"
            : text.StartsWith("<?xml"u8) || text.StartsWith("<"u8) ? "XML, which no format of traces here is: send JSON"
            : text.IndexOf("LoggingSpanExporter - '"u8) >= 0 || text.IndexOf("LoggingSpanExporter export"u8) >= 0
                ? "the text of Java's logging exporter, which has no times: set OTEL_TRACES_EXPORTER=logging-otlp, which writes OTLP JSON"
            : line.StartsWith("# HELP "u8) || line.StartsWith("# TYPE "u8) ? "metrics in Prometheus' format, not traces: send spans"
            : line.Count((byte)',') > 1 && line.IndexOf((byte)'{') < 0 && IsHeader(line) ? "a CSV file: export as JSON instead"
            : null;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> beginning) =>
        text.Length >= beginning.Length && System.Text.Ascii.EqualsIgnoreCase(text[..beginning.Length], beginning);

    /// <summary>Whether a line names columns, one of which is a trace's or an operation's id.</summary>
    private static bool IsHeader(ReadOnlySpan<byte> line)
    {
        Span<byte> lower = stackalloc byte[Math.Min(line.Length, 1024)];
        System.Text.Ascii.ToLower(line[..lower.Length], lower, out int written);
        ReadOnlySpan<byte> names = lower[..written];
        return names.IndexOf("trace"u8) >= 0 || names.IndexOf("operation"u8) >= 0 || names.IndexOf("timestamp"u8) >= 0;
    }

    private static bool IsTar(ReadOnlySpan<byte> prefix) => prefix.Length > 262 && prefix[257..].StartsWith("ustar"u8);

    /// <summary>A list of structures, each of which begins with an integer of 64 bits (openzipkin/zipkin-api, <c>thrift/zipkinCore.thrift</c>).</summary>
    private static bool IsZipkinThrift(ReadOnlySpan<byte> prefix) =>
        prefix.Length > 8 && prefix[0] == 0x0C && prefix[1] == 0 && prefix[2] == 0 && prefix[5] == 0x0A && prefix[6] == 0 && prefix[7] == 1;

    /// <summary>The binary protocol: a field's type and number, a structure first, or a message's version.</summary>
    private static bool IsThriftStruct(ReadOnlySpan<byte> prefix) =>
        prefix.Length > 4 && ((prefix[0] is 0x0B or 0x0C && prefix[1] == 0 && prefix[2] == 1 && prefix[3] is 0 or 0x0B or 0x0C) || (prefix[0] == 0x80 && prefix[1] == 1 && prefix[2] == 0));

    /// <summary>A list of spans, of which the first field is a trace id of 8 or 16 bytes, the next a parent's or its own of 8 (openzipkin/zipkin-api, <c>zipkin.proto</c>).</summary>
    private static bool IsZipkinProtobuf(ReadOnlySpan<byte> prefix)
    {
        if (prefix.Length < 32 || prefix[0] != 0x0A)
        {
            return false;
        }

        int at = 1;
        while (at < 5 && prefix[at] >= 0x80)
        {
            at++;
        }

        ReadOnlySpan<byte> span = prefix[(at + 1)..];
        int id = span[0] == 0x0A && span[1] is 8 or 16 ? span[1] + 2 : span.Length;
        return id + 2 < span.Length && span[id] is 0x12 or 0x1A && span[id + 1] == 8;
    }

    /// <summary>The kinds of its values come first: two numbers of texts (google/pprof, <c>proto/profile.proto</c>).</summary>
    private static bool IsPprof(ReadOnlySpan<byte> prefix) =>
        prefix.Length > 8 && prefix[0] == 0x0A && prefix[1] is 4 or 2 && prefix[2] == 0x08 && prefix[1] + 2 < prefix.Length
        && prefix[prefix[1] + 2] is 0x0A or 0x12 or 0x1A or 0x22 or 0x2A or 0x32;

    /// <summary>A list of packets, whose first fields are a clock, a time or a sequence's number (google/perfetto, <c>protos/perfetto/trace/trace_packet.proto</c>).</summary>
    private static bool IsPerfetto(ReadOnlySpan<byte> prefix)
    {
        if (prefix.Length < 8 || prefix[0] != 0x0A)
        {
            return false;
        }

        int at = 1;
        while (at < 5 && prefix[at] >= 0x80)
        {
            at++;
        }

        // timestamp (8), trusted_uid (3), clock_snapshot (6), trusted_packet_sequence_id (10), sequence_flags (13), trace_config (33), trace_uuid (89)
        return prefix[at + 1] is 0x40 or 0x18 or 0x32 or 0x50 or 0x68 || (prefix[at + 1] is 0x8A or 0xCA && prefix[at + 2] is 0x02 or 0x05);
    }

    private static bool IsMessagePack(ReadOnlySpan<byte> prefix) => prefix[0] is (>= 0x90 and <= 0x9F) or 0xDC or 0xDD;
}
