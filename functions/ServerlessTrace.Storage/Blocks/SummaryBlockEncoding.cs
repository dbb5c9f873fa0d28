using System.Buffers.Binary;
using System.Text;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;
using ZstdSharp;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Summaries in few bytes: a version byte, how many there are, how many different business marks they have; their trace ids, and these marks; then a zstd
/// frame, which is shown neither since they do not compress: the texts that occur, each once, then a summary after the other with its texts as numbers, and
/// its marks: 0 for the next one that did not occur before, else one more than its number.
/// </summary>
internal static class SummaryBlockEncoding
{
    private const byte Version = 1;
    private const int TraceIdBytes = 16;
    private const int CompressionLevel = 3;

    public static byte[] Write(IReadOnlyCollection<TraceSummary> summaries)
    {
        var texts = new NumberedTexts();
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body, Encoding.UTF8);
        using var block = new MemoryStream();
        using var header = new BinaryWriter(block, Encoding.UTF8);
        header.Write(Version);
        header.Write7BitEncodedInt(summaries.Count);
        var marks = new Dictionary<BusinessMark, int>();
        TraceSummary[] sorted = [.. summaries.OrderBy(summary => summary.StartUnixNano).ThenBy(summary => summary.TraceId)];
        long start = 0;
        foreach (TraceSummary summary in sorted)
        {
            WriteMarks(writer, marks, summary.Business);
            writer.Write7BitEncodedInt(summary.Revision);
            writer.Write7BitEncodedInt64(summary.StartUnixNano - start);
            start = summary.StartUnixNano;
            writer.Write7BitEncodedInt64(summary.DurationNano);
            writer.Write7BitEncodedInt64(summary.DurationNano - summary.LongestSpanNano);
            writer.Write((byte)summary.Status);
            writer.Write7BitEncodedInt(summary.SpanCount);
            writer.Write7BitEncodedInt(summary.ErrorCount);
            writer.Write7BitEncodedInt(texts.Number(summary.RootService));
            writer.Write7BitEncodedInt(texts.Number(summary.RootOperation));
            writer.Write7BitEncodedInt(texts.Number(summary.Environment));
            WriteNumbers(writer, texts, summary.Services);
            WriteNumbers(writer, texts, summary.Operations);
        }

        header.Write7BitEncodedInt(marks.Count);
        foreach (TraceSummary summary in sorted)
        {
            header.Write(summary.TraceId.High);
            header.Write(summary.TraceId.Low);
        }

        foreach (BusinessMark mark in marks.Keys)
        {
            header.Write((byte)(mark.Hash >> 16));
            header.Write((ushort)mark.Hash);
        }

        writer.Flush();
        using var compressor = new Compressor(CompressionLevel);
        header.Write(compressor.Wrap(texts.Before(body)));
        header.Flush();
        return block.ToArray();
    }

    public static List<TraceSummary> Read(byte[] block)
    {
        using var header = new BinaryReader(new MemoryStream(block), Encoding.UTF8);
        if (block.Length == 0 || header.ReadByte() != Version)
        {
            throw new InvalidDataException("The summary block has an unknown form. It was written by another version, or is damaged.");
        }

        int count = header.Read7BitEncodedInt();
        int markCount = header.Read7BitEncodedInt();
        int marksAt = (int)header.BaseStream.Position + (count * TraceIdBytes);
        ReadOnlySpan<byte> marks = block.AsSpan(marksAt, markCount * BusinessMark.Size);
        ReadOnlySpan<byte> frame = block.AsSpan(marksAt + marks.Length);
        using var decompressor = new Decompressor();
        using var reader = new BinaryReader(new MemoryStream(decompressor.Unwrap(frame).ToArray()), Encoding.UTF8);
        string[] texts = NumberedTexts.Read(reader);
        var summaries = new List<TraceSummary>(count);
        long start = 0;
        int marksRead = 0;
        for (int i = 0; i < count; i++)
        {
            var id = new TraceId(header.ReadUInt64(), header.ReadUInt64());
            BusinessMark[] business = ReadMarks(reader, marks, ref marksRead);
            int revision = reader.Read7BitEncodedInt();
            start += reader.Read7BitEncodedInt64();
            long duration = reader.Read7BitEncodedInt64();
            long longestSpan = duration - reader.Read7BitEncodedInt64();
            summaries.Add(new TraceSummary(
                id,
                revision,
                start,
                duration,
                (TraceStatus)reader.ReadByte(),
                reader.Read7BitEncodedInt(),
                reader.Read7BitEncodedInt(),
                texts[reader.Read7BitEncodedInt()],
                texts[reader.Read7BitEncodedInt()],
                texts[reader.Read7BitEncodedInt()],
                ReadTexts(reader, texts),
                ReadTexts(reader, texts))
            {
                LongestSpanNano = longestSpan,
                Business = business,
            });
        }

        return summaries;
    }

    private static void WriteNumbers(BinaryWriter writer, NumberedTexts texts, IReadOnlyList<string> values)
    {
        writer.Write7BitEncodedInt(values.Count);
        foreach (string value in values)
        {
            writer.Write7BitEncodedInt(texts.Number(value));
        }
    }

    private static string[] ReadTexts(BinaryReader reader, string[] texts)
    {
        string[] values = new string[reader.Read7BitEncodedInt()];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = texts[reader.Read7BitEncodedInt()];
        }

        return values;
    }

    private static void WriteMarks(BinaryWriter writer, Dictionary<BusinessMark, int> known, IReadOnlyList<BusinessMark> marks)
    {
        writer.Write7BitEncodedInt(marks.Count);
        foreach (BusinessMark mark in marks)
        {
            writer.Write7BitEncodedInt(known.TryAdd(mark, known.Count) ? 0 : known[mark] + 1);
        }
    }

    private static BusinessMark[] ReadMarks(BinaryReader reader, ReadOnlySpan<byte> known, ref int read)
    {
        var marks = new BusinessMark[reader.Read7BitEncodedInt()];
        for (int i = 0; i < marks.Length; i++)
        {
            int number = reader.Read7BitEncodedInt();
            number = number == 0 ? read++ : number - 1;
            ReadOnlySpan<byte> bytes = known.Slice(number * BusinessMark.Size, BusinessMark.Size);
            marks[i] = new BusinessMark((bytes[0] << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]));
        }

        return marks;
    }
}
