using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;
using ZstdSharp;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Summaries in few bytes: a version byte, how many there are, their trace ids, then a zstd frame, which is shown no ids since they do
/// not compress: the texts that occur, each once, then a summary after the other with its texts as numbers.
/// </summary>
internal static class SummaryBlockEncoding
{
    private const byte Version = 1;
    private const int TraceIdBytes = 16;
    private const int CompressionLevel = 3;

    public static byte[] Write(IReadOnlyCollection<TraceSummary> summaries)
    {
        var texts = new Dictionary<string, int>(StringComparer.Ordinal) { [string.Empty] = 0 };
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body, Encoding.UTF8);
        using var block = new MemoryStream();
        using var header = new BinaryWriter(block, Encoding.UTF8);
        header.Write(Version);
        header.Write7BitEncodedInt(summaries.Count);
        long start = 0;
        foreach (TraceSummary summary in summaries.OrderBy(summary => summary.StartUnixNano).ThenBy(summary => summary.TraceId))
        {
            header.Write(summary.TraceId.High);
            header.Write(summary.TraceId.Low);
            writer.Write7BitEncodedInt(summary.Revision);
            writer.Write7BitEncodedInt64(summary.StartUnixNano - start);
            start = summary.StartUnixNano;
            writer.Write7BitEncodedInt64(summary.DurationNano);
            writer.Write((byte)summary.Status);
            writer.Write7BitEncodedInt(summary.SpanCount);
            writer.Write7BitEncodedInt(summary.ErrorCount);
            writer.Write7BitEncodedInt(Number(texts, summary.RootService));
            writer.Write7BitEncodedInt(Number(texts, summary.RootOperation));
            writer.Write7BitEncodedInt(Number(texts, summary.Environment));
            WriteNumbers(writer, texts, summary.Services);
            WriteNumbers(writer, texts, summary.Operations);
        }

        writer.Flush();
        using var compressible = new MemoryStream();
        using var front = new BinaryWriter(compressible, Encoding.UTF8);
        front.Write7BitEncodedInt(texts.Count);
        foreach (string text in texts.Keys)
        {
            front.Write(text);
        }

        front.Flush();
        body.WriteTo(compressible);
        using var compressor = new Compressor(CompressionLevel);
        header.Write(compressor.Wrap(compressible.GetBuffer().AsSpan(0, (int)compressible.Length)));
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
        ReadOnlySpan<byte> frame = block.AsSpan((int)header.BaseStream.Position + (count * TraceIdBytes));
        using var decompressor = new Decompressor();
        using var reader = new BinaryReader(new MemoryStream(decompressor.Unwrap(frame).ToArray()), Encoding.UTF8);
        string[] texts = new string[reader.Read7BitEncodedInt()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        var summaries = new List<TraceSummary>(count);
        long start = 0;
        for (int i = 0; i < count; i++)
        {
            var id = new TraceId(header.ReadUInt64(), header.ReadUInt64());
            int revision = reader.Read7BitEncodedInt();
            start += reader.Read7BitEncodedInt64();
            summaries.Add(new TraceSummary(
                id,
                revision,
                start,
                reader.Read7BitEncodedInt64(),
                (TraceStatus)reader.ReadByte(),
                reader.Read7BitEncodedInt(),
                reader.Read7BitEncodedInt(),
                texts[reader.Read7BitEncodedInt()],
                texts[reader.Read7BitEncodedInt()],
                texts[reader.Read7BitEncodedInt()],
                ReadTexts(reader, texts),
                ReadTexts(reader, texts)));
        }

        return summaries;
    }

    private static int Number(Dictionary<string, int> texts, string text)
    {
        if (!texts.TryGetValue(text, out int number))
        {
            texts[text] = number = texts.Count;
        }

        return number;
    }

    private static void WriteNumbers(BinaryWriter writer, Dictionary<string, int> texts, IReadOnlyList<string> values)
    {
        writer.Write7BitEncodedInt(values.Count);
        foreach (string value in values)
        {
            writer.Write7BitEncodedInt(Number(texts, value));
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
}
