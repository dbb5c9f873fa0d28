using System.IO.Compression;
using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>What holds for all content.</summary>
public class SpanLogPropertyTests
{
    [Property(MaxTest = 300)]
    public void Any_record_means_what_the_rules_say(int seed)
    {
        RandomRecords records = new(seed);
        string[] lines = [.. Enumerable.Range(0, 20).Select(_ => records.Next())];
        ReadSource read = ReadSource.Of(string.Join('\n', lines), "source");
        StringBuilder expected = new();
        List<long> rejected = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (PlainSpanLogReader.Read(lines[i], "source") is { } span)
            {
                expected.AppendLine($"{span}");
            }
            else
            {
                rejected.Add(i + 1);
            }
        }

        Assert.Equal(rejected, read.Statistics.Rejections.Select(r => r.Line));
        Assert.Equal(expected.ToString(), string.Concat(read.Spans.Select(s => $"{s}{Environment.NewLine}")));
    }

    [Property(MaxTest = 300)]
    public void Any_split_of_the_content_gives_the_same(int seed)
    {
        Random random = new(seed);
        byte[] content = Content(random);
        ReadLimits limits = new() { RecordBytes = random.Next(4) == 0 ? random.Next(50, 700) : 1 << 20, SpansPerBatch = random.Next(1, 20) };

        string whole = Describe(content, limits, _ => content.Length);
        int longest = random.Next(1, 400);
        Assert.Equal(whole, Describe(content, limits, _ => random.Next(1, longest + 1)));
        Assert.Equal(whole, Describe(content, limits, _ => 1));
    }

    [Property(MaxTest = 100)]
    public void Any_way_a_stream_delivers_its_bytes_gives_the_same(int seed)
    {
        Random random = new(seed);
        byte[] content = [.. Content(random), .. Content(random), (byte)'\n', .. Encoding.UTF8.GetBytes("{\"trace_id\":\"1\"}")];
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        string plain = ReadSource.Of(content).Describe();
        Assert.Equal(plain, ReadSource.Of(new TricklingStream(content, random)).Describe());
        Assert.Equal(plain, ReadSource.Of(new TricklingStream(compressed.ToArray(), random)).Describe());
    }

    [Property(MaxTest = 300)]
    public void No_content_breaks_the_reader(byte[] content, int seed)
    {
        Random random = new(seed);
        byte[] mutated = Mutate(Content(random), random, random.Next(1, 200));

        ReadSource.Of([.. "{\"trace_id\":\""u8, .. content]);
        ReadSource.Of(content);
        ReadSource.Of(mutated);
    }

    private static byte[] Content(Random random)
    {
        RandomRecords records = new(random.Next());
        StringBuilder text = new();
        bool array = random.Next(3) == 0;
        string separator = (array ? "," : "") + (random.Next(4) switch { 0 => "\r\n", 1 => "\r", 2 => random.Next(2) == 0 ? "" : " ", _ => "\n" });
        text.Append(array ? "[" : "");
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            string record = records.Next();
            if (random.Next(4) == 0)
            {
                record = record.Replace(",", ",\n  ", StringComparison.Ordinal);
            }

            text.Append(record).Append(i > 1 ? separator : "");
        }

        byte[] content = Encoding.UTF8.GetBytes(text.Append(array ? "]" : "").ToString());
        return Mutate(content, random, random.Next(3) == 0 ? random.Next(1, 6) : 0);
    }

    private static byte[] Mutate(byte[] content, Random random, int changes)
    {
        ReadOnlySpan<byte> odd = "{}[],:\"\\\n\r \t\0x0-é"u8;
        for (int i = 0; i < changes; i++)
        {
            content[random.Next(content.Length)] = odd[random.Next(odd.Length)];
        }

        return random.Next(8) == 0 ? content[..random.Next(1, content.Length + 1)] : content;
    }

    private static string Describe(byte[] content, ReadLimits limits, Func<int, int> next)
    {
        SourceStatistics statistics = new();
        SpanLogReader reader = new(limits, statistics, "source");
        StringBuilder text = new();
        SpanBatch batch = new();
        int start = 0;
        int end = 0;
        bool done = false;
        while (!done)
        {
            bool full = reader.Read(Piece(content, start, end), batch, out int consumed);
            start += consumed;
            done = !full && end == content.Length;
            end = full ? end : Math.Min(content.Length, end + next(end));
            if (full || done)
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    text.AppendLine($"{ReadSpan.From(batch, batch[i])}");
                }

                batch.Clear();
            }
        }

        Assert.Equal(content.Length, start);
        statistics.Rejections.ToList().ForEach(r => text.AppendLine($"{r}"));
        return text.Append(statistics.Rejected).ToString();
    }

    /// <summary>What stands behind the zero byte is left over from before, and must not be taken for content.</summary>
    private static SourceContent Piece(byte[] content, int start, int end)
    {
        byte[] padded = new byte[end - start + JsonScanner.Slack];
        padded.AsSpan().Fill((byte)'"');
        content.AsSpan(end, Math.Min(content.Length - end, JsonScanner.Slack)).CopyTo(padded.AsSpan(end - start));
        content.AsSpan(start, end - start).CopyTo(padded);
        padded[end - start] = 0;
        return new SourceContent(padded.AsSpan(0, end - start), start, end == content.Length);
    }
}
