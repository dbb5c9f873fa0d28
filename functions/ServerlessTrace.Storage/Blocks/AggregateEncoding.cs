using System.Text;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ZstdSharp;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>
/// Aggregates in few bytes: a version byte, then a zstd frame: the texts that occur, each once; then the tables of latency, dependencies and
/// business values, and of latency by attributes where there are any, series by series with its texts as numbers, minute by minute, each as how far it is from the one before.
/// </summary>
internal static class AggregateEncoding
{
    private const byte Version = 2;

    /// <summary>Written before the durations of failures were kept.</summary>
    private const byte VersionWithoutFailed = 1;

    private const int CompressionLevel = 3;

    public static byte[] Write(TraceAggregates aggregates)
    {
        var texts = new NumberedTexts();
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body, Encoding.UTF8);
        WriteTable(writer, aggregates.Latency, series => Write(writer, texts, series));
        WriteTable(writer, aggregates.Dependencies, series =>
        {
            Write(writer, texts, series.Caller);
            Write(writer, texts, series.Callee);
            writer.Write(series.IsMessaging);
        });
        WriteTable(writer, aggregates.Business, series =>
        {
            writer.Write7BitEncodedInt(texts.Number(series.Key));
            writer.Write7BitEncodedInt(texts.Number(series.Service));
            writer.Write((byte)series.Outcome);
        });
        if (aggregates.Attributes.Count > 0)
        {
            WriteTable(writer, aggregates.Attributes, series =>
            {
                Write(writer, texts, series.Series);
                writer.Write7BitEncodedInt(texts.Number(series.Name));
                writer.Write7BitEncodedInt(texts.Number(series.Value));
            });
        }

        writer.Flush();
        using var compressor = new Compressor(CompressionLevel);
        return [Version, .. compressor.Wrap(texts.Before(body))];
    }

    public static TraceAggregates Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [Version or VersionWithoutFailed, ..])
        {
            throw new InvalidDataException("The aggregates have an unknown form. They were written by another version, or are damaged.");
        }

        using var decompressor = new Decompressor();
        using var reader = new BinaryReader(new MemoryStream(decompressor.Unwrap(bytes[1..]).ToArray()), Encoding.UTF8);
        string[] texts = NumberedTexts.Read(reader);
        var aggregates = new TraceAggregates();
        Func<BinaryReader, LatencyMeasures> latency = bytes[0] == Version ? LatencyMeasures.Read : LatencyMeasures.ReadWithoutFailed;
        ReadTable(reader, aggregates.Latency, Series, latency);
        ReadTable(reader, aggregates.Dependencies, () => new DependencySeries(Node(), Node(), reader.ReadBoolean()), latency);
        ReadTable(reader, aggregates.Business, () => new BusinessSeries(Text(), Text(), (TraceStatus)reader.ReadByte()), ValueMeasures.Read);
        if (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            ReadTable(reader, aggregates.Attributes, () => new AttributeSeries(Series(), Text(), Text()), latency);
        }

        return aggregates;

        string Text() => texts[reader.Read7BitEncodedInt()];

        LatencySeries Series() => new(Text(), Text(), Text(), (LatencyStep)reader.ReadByte());

        DependencyNode Node() => new((DependencyKind)reader.ReadByte(), Text());
    }

    private static void Write(BinaryWriter writer, NumberedTexts texts, LatencySeries series)
    {
        writer.Write7BitEncodedInt(texts.Number(series.Service));
        writer.Write7BitEncodedInt(texts.Number(series.Operation));
        writer.Write7BitEncodedInt(texts.Number(series.Environment));
        writer.Write((byte)series.Step);
    }

    private static void Write(BinaryWriter writer, NumberedTexts texts, DependencyNode node)
    {
        writer.Write((byte)node.Kind);
        writer.Write7BitEncodedInt(texts.Number(node.Name));
    }

    private static void WriteTable<TSeries, TMeasures>(BinaryWriter writer, SeriesTable<TSeries, TMeasures> table, Action<TSeries> writeSeries)
        where TSeries : struct, IEquatable<TSeries>
        where TMeasures : class, IMeasures<TMeasures>, new()
    {
        (TSeries Series, (int Minute, TMeasures Measures)[] Minutes)[] all =
        [
            .. table.All.GroupBy(static item => item.Series)
                .Select(static group => (group.Key, group.Select(static item => (item.Minute, item.Measures)).OrderBy(static item => item.Minute).ToArray())),
        ];
        int minute = all.Length == 0 ? 0 : all[0].Minutes[0].Minute;
        writer.Write7BitEncodedInt(all.Length);
        writer.Write7BitEncodedInt(minute);
        foreach ((TSeries series, (int Minute, TMeasures Measures)[] minutes) in all)
        {
            writeSeries(series);
            writer.Write7BitEncodedInt(minutes.Length);
            foreach ((int at, TMeasures measures) in minutes)
            {
                int distance = at - minute;
                writer.Write7BitEncodedInt((distance << 1) ^ (distance >> 31));
                minute = at;
                measures.Write(writer);
            }
        }
    }

    private static void ReadTable<TSeries, TMeasures>(
        BinaryReader reader, SeriesTable<TSeries, TMeasures> table, Func<TSeries> readSeries, Func<BinaryReader, TMeasures> readMeasures)
        where TSeries : struct, IEquatable<TSeries>
        where TMeasures : class, IMeasures<TMeasures>, new()
    {
        int count = reader.Read7BitEncodedInt();
        int minute = reader.Read7BitEncodedInt();
        for (int i = 0; i < count; i++)
        {
            TSeries series = readSeries();
            for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
            {
                int distance = reader.Read7BitEncodedInt();
                minute += (int)((uint)distance >> 1) ^ -(distance & 1);
                table.Adopt(series, minute, readMeasures(reader));
            }
        }
    }
}
