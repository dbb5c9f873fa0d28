using ServerlessTrace.Core.Formats.Detection;
using ServerlessTrace.Core.Formats.LogLines;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Formats.SdkConsole;

namespace ServerlessTrace.Core.Formats;

/// <summary>
/// Tells what content is by looking at its beginning, never at its name. A format is added here, in
/// <see cref="SourceFormat"/>, and in <see cref="SpanSourceReader"/>, where its <see cref="FormatReader"/> is made.
/// </summary>
internal static class FormatDetection
{
    /// <summary>How much of the content is looked at.</summary>
    public const int PrefixLength = 64 << 10;

    // Objects that are looked at although the one before was broken.
    private const int MostBroken = 16;

    private const string Advice = "send span logs as JSON lines, JSON arrays or single JSON objects, OTLP as JSON or protobuf, or another format that the README lists, in UTF-8, plain or compressed with gzip, zlib or Zstandard";

    /// <summary>The UTF-8 byte order mark, which is no content.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The format of decompressed content; <see cref="SourceFormat.Unknown"/> for nothing but blanks.</summary>
    /// <param name="prefix">The content's beginning.</param>
    /// <param name="needsMore">Whether the first object is cut off before its format is certain; what is returned is the likeliest then.</param>
    /// <exception cref="UnreadableSourceException">It is none that can be read; the message says what it looks like and what would be right.</exception>
    public static SourceFormat Detect(ReadOnlySpan<byte> prefix, out bool needsMore)
    {
        needsMore = false;
        if (OtlpProtobufDetection.IsOtlp(prefix))
        {
            return SourceFormat.OtlpProtobuf;
        }

        if (ForeignContent.NameOfBinary(prefix) is { } binary)
        {
            throw new UnreadableSourceException($"The source is {binary}: {Advice}.");
        }

        int at = 0;
        bool blank = true;
        int broken = 0;
        while (at < prefix.Length && broken < MostBroken)
        {
            ReadOnlySpan<byte> line = prefix[at..];
            int end = line.IndexOfAny((byte)'\n', (byte)'\r');
            line = end < 0 ? line : line[..end];
            ReadOnlySpan<byte> unmarked = WithoutMark(line);
            if (DotNetConsoleReader.IsFirst(unmarked))
            {
                return SourceFormat.DotNetConsole;
            }

            if (LogLine.HasJsonBehindPrefix(line) || (!LogText.LooksLikeJson(unmarked) && TextLine.TryRead(line, out _)))
            {
                return SourceFormat.LogLines;
            }

            line = unmarked.TrimStart(" \t,[]"u8);
            if (!line.IsEmpty && line[0] == '{')
            {
                ReadOnlySpan<byte> content = prefix[(at + prefix[at..].IndexOf((byte)'{'))..];
                ObjectShape shape = ObjectShape.Of(content);
                if (shape.Format is SourceFormat.Unknown or SourceFormat.SpanLog && shape.Refused is null && Container.MayWrap(content))
                {
                    return SourceFormat.LogLines;
                }

                needsMore = shape.IsCut;
                if (shape.Refused is { } refused)
                {
                    throw new UnreadableSourceException($"The source is {refused}.");
                }

                if (InspectedText.Begins(content))
                {
                    return SourceFormat.JavaScriptConsole;
                }

                if (shape.Format != SourceFormat.Unknown || shape.IsCut)
                {
                    return shape.Format == SourceFormat.Unknown ? SourceFormat.SpanLog : shape.Format;
                }

                // The next line may be better; span logs know best what to say of broken records.
                broken++;
            }

            blank &= line.IsEmpty;
            at = end < 0 ? prefix.Length : at + end + 1;
        }

        return broken > 0 ? SourceFormat.SpanLog
            : blank
            ? SourceFormat.Unknown
            : throw new UnreadableSourceException(ForeignContent.NameOfText(prefix) is { } text
                ? $"The source is {text}."
                : $"The source's format is unknown: no line of its first {prefix.Length} bytes begins a JSON object; {Advice}.");
    }

    /// <summary>The format of the record at which a reader stands that cannot read it; unknown if it is of no other format for certain.</summary>
    /// <param name="record">The record, and whatever follows it.</param>
    public static SourceFormat OfForeign(ReadOnlySpan<byte> record)
    {
        if (!record.StartsWith("{"u8))
        {
            int end = record.IndexOfAny((byte)'\n', (byte)'\r');
            return DotNetConsoleReader.IsFirst(record) ? SourceFormat.DotNetConsole
                : LogLine.LengthOfPrefix(end < 0 ? record : record[..end]) > 0 ? SourceFormat.SpanLog
                : SourceFormat.Unknown;
        }

        ObjectShape shape = ObjectShape.Of(record);
        return (shape.IsCertain && shape.Format != SourceFormat.LogLines) || (shape.Format == SourceFormat.SpanLog && Container.MayWrap(record)) ? shape.Format
            : InspectedText.Begins(record) ? SourceFormat.JavaScriptConsole
            : SourceFormat.Unknown;
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t,[]"u8);
        return line.StartsWith(ByteOrderMark) ? line[ByteOrderMark.Length..] : line;
    }
}
