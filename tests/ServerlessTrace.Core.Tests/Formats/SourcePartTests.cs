using System.IO.Compression;
using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>A source that is read in parts, as it grows or because it is huge, is read as if it had come at once.</summary>
public class SourcePartTests
{
    private static readonly byte[] Lines = Generate(40);
    private static readonly byte[] ManyLines = Generate(300);

    public static TheoryData<string> Contents => ["lines", "lines without a last break", "array", "indented array", "bad lines", "windows line breaks"];

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task However_a_source_grows_it_reads_as_at_once(string kind)
    {
        byte[] content = Content(kind, Lines);
        Reading expected = await ReadAsync(content, SourcePart.Whole);
        var random = new Random(42);
        for (int run = 0; run < 20; run++)
        {
            var text = new StringBuilder();
            var rejections = new List<string>();
            SourcePosition position = SourcePosition.Start;
            for (int length = 0; length < content.Length;)
            {
                // Single bytes now and then, so that every kind of record is cut in all its places.
                length = Math.Min(content.Length, length + random.Next(1, random.Next(2) == 0 ? 40 : 3_000));
                Reading part = await ReadAsync(content[(int)position.Offset..length], new SourcePart { From = position, MoreMayFollow = true });
                Assert.InRange(part.Position.Offset, position.Offset, length);
                text.Append(part.Text);
                rejections.Add(part.Rejections);
                position = part.Position;
            }

            Reading rest = await ReadAsync(content[(int)position.Offset..], new SourcePart { From = position });
            Assert.Equal(expected.Text, text + rest.Text);
            Assert.Equal(expected.Rejections, Joined([.. rejections, rest.Rejections]));
        }
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task In_whatever_ranges_a_source_is_read_it_reads_as_at_once(string kind)
    {
        byte[] content = Content(kind, ManyLines);
        Reading expected = await ReadAsync(content, SourcePart.Whole);
        foreach (int range in (int[])[1, 70_001, 200_000, 1 << 20])
        {
            var text = new StringBuilder();
            var rejections = new List<string>();
            SourcePosition position = SourcePosition.Start;
            int parts = 0;
            while (position.Offset < content.Length)
            {
                Reading part = await ReadAsync(content[(int)position.Offset..], new SourcePart { From = position, StopAfter = range });
                Assert.True(part.Position.Offset > position.Offset, "A range has to make progress.");
                text.Append(part.Text);
                rejections.Add(part.Rejections);
                position = part.Position;
                parts++;
            }

            Assert.Equal(expected.Text, text.ToString());
            Assert.Equal(expected.Rejections, Joined(rejections));
            Assert.InRange(parts, content.Length / (Math.Max(range, 64 << 10) + 1), 2 + (content.Length / 50_000));
        }
    }

    [Fact]
    public async Task An_incomplete_record_waits_and_what_ends_there_is_rejected_only_at_the_end()
    {
        byte[] content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Lines).Split('\n')[0][..50]);

        Reading waiting = await ReadAsync(content, new SourcePart { MoreMayFollow = true });
        Reading final = await ReadAsync(content, SourcePart.Whole);

        Assert.Equal(SourcePosition.Start, waiting.Position);
        Assert.True(waiting.IsWaiting);
        Assert.False(final.IsWaiting);
        Assert.Empty(waiting.Text);
        Assert.Contains("cut off", final.Rejections, StringComparison.Ordinal);
        Assert.Equal(content.Length, final.Position.Offset);
    }

    [Theory]
    [InlineData("2026-02-26 INFO service star")]
    [InlineData("   ")]
    [InlineData("")]
    public async Task Too_little_to_tell_the_format_waits(string content)
    {
        Reading part = await ReadAsync(Encoding.UTF8.GetBytes(content), new SourcePart { MoreMayFollow = true });

        Assert.Equal(SourcePosition.Start, part.Position);
        Assert.Null(part.Unreadable);
    }

    [Fact]
    public async Task Compressed_content_goes_on_behind_a_whole_member_and_waits_while_it_is_cut_off()
    {
        int half = Array.IndexOf(Lines, (byte)'\n', Lines.Length / 2) + 1;
        byte[] first = Gzip(Lines[..half]);
        byte[] second = Gzip(Lines[half..]);
        byte[] both = [.. first, .. second];

        Reading one = await ReadAsync(first, new SourcePart { MoreMayFollow = true });
        Reading two = await ReadAsync(second, new SourcePart { From = one.Position, MoreMayFollow = true });
        Reading all = await ReadAsync(both, new SourcePart { MoreMayFollow = true });

        Assert.Equal([first.Length, both.Length, both.Length], [one.Position.Offset, two.Position.Offset, all.Position.Offset]);
        Assert.All([one, two, all], reading => Assert.False(reading.IsWaiting));
        string expected = (await ReadAsync(Lines, SourcePart.Whole)).Text;
        Assert.Equal(expected, one.Text + two.Text);
        Assert.Equal(expected, all.Text);
        for (int length = first.Length + 1; length < both.Length; length += length < first.Length + 30 || length > both.Length - 30 ? 1 : 97)
        {
            Reading cut = await ReadAsync(both[..length], new SourcePart { MoreMayFollow = true });
            Assert.True(cut.IsWaiting, $"{both.Length - length} missing");
            Assert.Equal(0, cut.Position.Offset);
            cut = await ReadAsync(both[first.Length..length], new SourcePart { From = one.Position, MoreMayFollow = true });
            Assert.True(cut.IsWaiting, $"{both.Length - length} missing in the second");
            Assert.Equal(first.Length, cut.Position.Offset);
        }
    }

    [Fact]
    public async Task Compressed_content_is_read_as_a_whole_however_short_the_ranges()
    {
        byte[] content = Gzip(Lines);

        Reading part = await ReadAsync(content, new SourcePart { StopAfter = 100 });

        Assert.Equal(content.Length, part.Position.Offset);
        Assert.Equal((await ReadAsync(Lines, SourcePart.Whole)).Text, part.Text);
    }

    private static string Joined(IEnumerable<string> rejections) => string.Join('\n', rejections.Where(text => text.Length > 0));

    private static byte[] Content(string kind, byte[] log)
    {
        string[] lines = Encoding.UTF8.GetString(log).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return kind switch
        {
            "lines" => log,
            "lines without a last break" => log[..^1],
            "array" => Encoding.UTF8.GetBytes($"[{string.Join(",", lines)}]\n"),
            "indented array" => Encoding.UTF8.GetBytes($"[\n  {string.Join(",\n  ", lines)}\n]\n"),
            "windows line breaks" => Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n"),
            "bad lines" => Encoding.UTF8.GetBytes(string.Join('\n', lines.Select((line, i) => (i % 7) switch
            {
                2 => "this is no JSON",
                4 => line[..^20],
                5 => "{\"trace_id\":\"zz\",\"span_id\":\"1\"}",
                _ => line,
            })) + "\n"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static byte[] Generate(int spans)
    {
        using var content = new MemoryStream();
        new SpanLogGenerator(new GeneratorOptions { Spans = spans, Seed = 5 }).Write(content);
        return content.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var stream = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }

    private static async Task<Reading> ReadAsync(byte[] content, SourcePart part)
    {
        var text = new StringBuilder();
        string? unreadable = null;
        await using var reader = new SpanSourceReader(new MemoryStream(content), "payment-service.log", new ReadLimits { SpansPerBatch = 7, RejectionsKept = 1_000 }, part: part);
        var batch = new SpanBatch();
        try
        {
            while (await reader.ReadBatchAsync(batch, CancellationToken.None))
            {
                text.Append(SpanBatchText.Describe(batch));
                batch.Clear();
            }
        }
        catch (UnreadableSourceException exception)
        {
            unreadable = exception.Message;
        }

        return new Reading(text.ToString(), string.Join('\n', reader.Statistics.Rejections), reader.Position, reader.IsWaiting, unreadable);
    }

    private sealed record Reading(string Text, string Rejections, SourcePosition Position, bool IsWaiting, string? Unreadable);
}
