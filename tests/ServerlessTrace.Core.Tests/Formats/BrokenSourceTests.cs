using System.IO.Compression;
using System.Text;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>What becomes of content that is broken: the bad record is rejected with its place, the others are kept.</summary>
public class BrokenSourceTests
{
    private static string Good(int span) => $"{{\"trace_id\":\"1\",\"span_id\":\"{span}\",\"event\":\"span_end\",\"timestamp\":1772128800}}";

    private static IEnumerable<string> Ids(ReadSource read) => read.Spans.Select(s => s.SpanId.TrimStart('0'));

    private static string Pretty(int span) => $"{{\n  \"trace_id\": \"1\",\n  \"span_id\": \"{span}\",\n  \"timestamp\": 1772128800,\n  \"event\": \"span_end\",\n  \"attributes\": {{\n    \"a\": [\n      1,\n      2\n    ]\n  }}\n}}";

    [Theory]
    [InlineData("not json at all")]
    [InlineData("[INFO] 2026-02-26 started")]
    [InlineData("2026-02-26T18:00:00Z INFO started")]
    [InlineData("{\"trace_id\":\"1\",}")]
    [InlineData("{\"trace_id\":\"1\",\"a\":tru}")]
    [InlineData("{\"trace_id\":\"1\",\"a\":01}")]
    [InlineData("{\"trace_id\":\"1\",\"a\":\"x")]
    [InlineData("{\"trace_id\":\"1\",\"a\":\"\\x\"}")]
    [InlineData("{\"trace_id\":\"1\",\"a\":")]
    [InlineData("{\"trace_id\":\"1\",\"a\":{")]
    [InlineData("{\"trace_id\":\"1\",\"a\":[1,")]
    [InlineData("{\"trace_id\":\"1\"")]
    [InlineData("{\"trace_id\":\"1\",")]
    [InlineData("{\"trace_id\"")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("]")]
    [InlineData("\"text\"")]
    [InlineData("42")]
    [InlineData("null")]
    [InlineData("{\"trace_id\":\"1\" \"a\":2}")]
    [InlineData("{trace_id:1}")]
    [InlineData("{\"a\":\"\u0001\"}")]
    [InlineData("{\"message\":\"no ids\"}")]
    public void A_bad_line_loses_only_itself(string bad)
    {
        ReadSource read = ReadSource.Of($"{Good(1)}\n{Good(2)}\n{bad}\n{Good(3)}\n\n{Good(4)}\n");

        Assert.Equal(["1", "2", "3", "4"], Ids(read));
        Rejection rejection = read.Rejection;
        Assert.Equal(3, rejection.Line);
        Assert.Equal((Good(1).Length * 2) + 2, rejection.Offset - bad.IndexOf(bad.TrimStart('['), StringComparison.Ordinal));
        Assert.NotEmpty(rejection.Reason);
        Assert.StartsWith(bad.TrimStart('[')[..1], rejection.Excerpt, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reason_says_what_and_where()
    {
        Assert.Equal("not JSON at byte 20 of the record: a value is expected, not '}'", ReadSource.Of("{\"trace_id\":\"1\",\"a\":}\n").Rejection.Reason);
        Assert.Equal("not JSON at byte 19 of the record, on line 2: ',' or '}' is expected, not '\"'", ReadSource.Of("{\"trace_id\":\"1\"\n   \"a\":5}\n").Rejection.Reason);
        Assert.Equal("the record is cut off: the source ends inside it", ReadSource.Of(Good(1)[..20]).Rejection.Reason);
        Assert.StartsWith("the line is not JSON: a record is an object in braces, not 'h'", ReadSource.Of($"hello\n{Good(1)}").Rejection.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INFO ")]
    [InlineData("[2026-02-26T18:00:00Z] INFO ")]
    [InlineData("info: Shop.Orders[0] ")]
    public void A_record_behind_a_prefix_is_read_among_bare_ones(string prefix)
    {
        ReadSource read = ReadSource.Of($"{Good(1)}\n{prefix}{Good(2)}\n{prefix}no record\n{prefix}{{\"trace_id\":}}\n{Good(3)}\n");

        Assert.Equal(["1", "2", "3"], Ids(read));
        Assert.Equal([3, 4], read.Statistics.Rejections.Select(r => r.Line));
    }

    [Fact]
    public void Two_bad_lines_in_a_row_are_two_rejections()
    {
        ReadSource read = ReadSource.Of($"{Good(1)}\n{{\"trace_id\":\"1\",\nnot json\n{Good(2)}\n");

        Assert.Equal(["1", "2"], Ids(read));
        Assert.Equal([2, 3], read.Statistics.Rejections.Select(r => r.Line));
    }

    [Fact]
    public void A_broken_record_in_an_array_on_one_line_loses_only_itself()
    {
        ReadSource read = ReadSource.Of($"[{Good(1)},{{\"trace_id\":\"1\",}},17,\"}}\",{{\"a\":\"}}\",}},{Good(2)},{{\"trace_id\":\"x\"}},{Good(3)}]");

        Assert.Equal(["1", "2", "3"], Ids(read));
        Assert.Equal(5, read.Statistics.Rejected);
    }

    [Theory]
    [InlineData("\"timestamp\": 1772128800,\n", "\"timestamp\": 17x,\n")]
    [InlineData("\"timestamp\": 1772128800,\n", "\"timestamp\": 1772128800\n")]
    [InlineData("      1,\n", "      1\n")]
    [InlineData("    ]\n", "")]
    [InlineData("  }\n}", "}")]
    [InlineData("{\n  \"trace_id\"", "{ oops\n  \"trace_id\"")]
    public void A_broken_record_over_lines_loses_only_itself(string good, string bad)
    {
        string broken = Pretty(2).Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Pretty(2), broken);

        ReadSource read = ReadSource.Of($"{Pretty(1)}\n{broken}\n{Pretty(3)}\n{Good(4)}\n");

        Assert.Equal(["1", "3", "4"], Ids(read));
        Assert.Equal(13, read.Rejection.Line);

        string array = $"[\n{Pretty(1)},\n{broken},\n{Pretty(3)}\n]".Replace("\n", "\n  ", StringComparison.Ordinal).Replace("\n  ]", "\n]", StringComparison.Ordinal);
        read = ReadSource.Of(array);
        Assert.Equal(["1", "3"], Ids(read));
        Assert.Equal(14, read.Rejection.Line);
    }

    [Fact]
    public void A_cut_array_keeps_its_whole_records()
    {
        Assert.Equal("the array that began on this line is not closed: the source seems to be cut off", ReadSource.Of($"[{Good(1)},{Good(2)}").Rejection.Reason);

        ReadSource read = ReadSource.Of($"[{Good(1)},{Good(2)[..20]}");
        Assert.Equal(["1"], Ids(read));
        Assert.Equal("the record is cut off: the source ends inside it", read.Rejection.Reason);
    }

    [Fact]
    public void A_record_that_is_too_long_is_passed_over()
    {
        ReadLimits limits = new() { RecordBytes = 1000 };
        string huge = $"{{\"trace_id\":\"1\",\"a\":\"{new string('x', 500_000)} \\\" }} {{\",\n\"b\":[]}}";
        foreach (string content in new[] { $"{Good(1)}\n{huge}\n{Good(2)}", $"[{Good(1)},{huge},{Good(2)}]" })
        {
            ReadSource read = ReadSource.Of(content, limits: limits);

            Assert.Equal(["1", "2"], Ids(read));
            Assert.Contains("longer than 1000 bytes", read.Rejection.Reason, StringComparison.Ordinal);
            Assert.Equal(limits.ExcerptLength, read.Rejection.Excerpt.Length);
        }
    }

    [Fact]
    public void Values_and_attributes_are_cut_to_the_limits()
    {
        ReadLimits limits = new() { AttributeBytes = 10, AttributesPerSpan = 3 };
        string attributes = string.Join(',', Enumerable.Range(0, 5).Select(i => $"\"k{i}\":\"{new string('ä', 20)}\""));
        ReadSource read = ReadSource.Of($"{{\"trace_id\":\"1\",\"span_id\":\"2\",\"event\":\"span_end\",\"timestamp\":1772128800,\"attributes\":{{{attributes}}}}}", limits: limits);

        Assert.Equal("[k0, äääää] [k1, äääää] [k2, äääää]", string.Join(' ', read.Only.Attributes));
        Assert.True(read.Only.Flags.HasFlag(Core.Spans.SpanFlags.Truncated));
        Assert.Equal(1, read.Statistics.Truncated);

        ReadSpan json = ReadSource.Of("{\"trace_id\":\"1\",\"o\":{\"a\":\"bcdefghijkl\"},\"m\":\"a😀😀😀\"}", limits: limits).Only;
        Assert.Equal("{\"a\":\"bcde", json.EventAttributes["o"]);
        Assert.Equal("a😀😀", json.EventAttributes["m"]);
    }

    [Fact]
    public void Deep_values_are_rejected()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        ReadSource read = ReadSource.Of($"{Good(1)}\n{deep}\n{{\"trace_id\":\"1\",\"a\":{new string('[', 100_000)}\n{Good(2)}");

        Assert.Equal(["1", "2"], Ids(read));
        Assert.All(read.Statistics.Rejections, r => Assert.Contains("nest deeper than 64", r.Reason, StringComparison.Ordinal));
        Assert.Equal(2, read.Statistics.Rejected);
    }

    [Fact]
    public void Rejections_beyond_the_kept_ones_are_counted()
    {
        ReadSource read = ReadSource.Of(string.Concat(Enumerable.Repeat("{}\n", 1000)) + Good(1), limits: new ReadLimits { RejectionsKept = 7 });

        Assert.Equal((1000, 7), (read.Statistics.Rejected, read.Statistics.Rejections.Count));
        Assert.Equal(["1"], Ids(read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n\t")]
    [InlineData("[]")]
    [InlineData("\uFEFF")]
    public void Nothing_is_no_failure(string content)
    {
        ReadSource read = ReadSource.Of(content);

        Assert.Null(read.Unreadable);
        Assert.Equal((0, 0), (read.Spans.Count, read.Statistics.Rejected));
    }

    [Theory]
    [InlineData("just a text\nof two lines\n", "format is unknown")]
    [InlineData("PK\u0003\u0004xyz", "a ZIP archive")]
    [InlineData("PAR1....", "a Parquet file")]
    [InlineData("a\0b\0", "binary")]
    public void An_unknown_format_is_said_to_be_one(string content, string what)
    {
        string? unreadable = ReadSource.Of(content).Unreadable;

        Assert.Contains(what, unreadable, StringComparison.Ordinal);
        Assert.Contains("send span logs as JSON lines", unreadable, StringComparison.Ordinal);
    }

    [Fact]
    public void Utf16_that_is_cut_in_a_character_loses_only_that_record()
    {
        byte[] content = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Good(1) + "\n" + Good(2))];

        Assert.Equal(["1"], Ids(ReadSource.Of(content[..^1])));
        Assert.Equal(["1", "2"], Ids(ReadSource.Of(new OneByteStream(content))));
    }

    [Fact]
    public void Gzip_is_known_by_its_content_and_may_have_many_members()
    {
        byte[] content = [.. Gzip(Good(1) + "\n" + Good(2)[..30]), .. Gzip(Good(2)[30..] + "\n"), .. Gzip(Good(3))];
        ReadSource read = ReadSource.Of(content, "plain-name.log");

        Assert.Equal(["1", "2", "3"], Ids(read));
        Assert.Equal(SourceCompression.Gzip, read.Statistics.Compression);
        Assert.Equal(content.Length, read.Statistics.Bytes);
        Assert.Equal((Good(1).Length * 3) + 2, read.Statistics.DecompressedBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_came_before_a_corruption_is_kept(bool cut)
    {
        Random random = new(5);
        string[] lines = [.. Enumerable.Range(1, 20_000).Select(i => Good(i)[..^1] + $",\"r\":\"{random.NextInt64():x}\"}}")];
        byte[] content = Gzip(string.Join('\n', lines));
        int middle = content.Length / 2;
        if (cut)
        {
            content = content[..middle];
        }
        else
        {
            content.AsSpan(middle, 100).Fill(0xFF);
        }

        ReadSource read = ReadSource.Of(content, limits: new ReadLimits { SpansPerBatch = 1000 });

        Assert.InRange(read.Spans.Count, 9_000, 11_000);
        Assert.Equal(Enumerable.Range(1, read.Spans.Count).Select(i => $"{i}"), Ids(read));
        Assert.Contains("gzip compression is corrupt or cut off", read.Unreadable, StringComparison.Ordinal);
        Assert.Equal(read.Unreadable, read.Statistics.Failure);
    }

    [Fact]
    public void Gzip_cut_anywhere_is_noticed_and_makes_nothing_up()
    {
        byte[] first = Gzip(Good(1) + "\n" + Good(2) + "\n");
        byte[] content = [.. first, .. Gzip(Good(3) + "\n" + Good(4) + "\n")];
        string[] all = ["1", "2", "3", "4"];
        for (int length = 2; length <= content.Length; length++)
        {
            ReadSource read = ReadSource.Of(content[..length]);

            Assert.Equal(length == first.Length || length == content.Length, read.Unreadable is null);
            Assert.Equal(all[..read.Spans.Count], Ids(read));
            Assert.True(length < first.Length || read.Spans.Count >= 2);
        }
    }

    [Fact]
    public void Gzip_that_holds_nothing_readable_is_unreadable()
    {
        Assert.NotNull(ReadSource.Of([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).Unreadable);
        Assert.NotNull(ReadSource.Of([0x1F, 0x8B]).Unreadable);
        Assert.Contains("ZIP", ReadSource.Of(Gzip("PK\u0003\u0004")).Unreadable, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decompression_bomb_is_stopped()
    {
        byte[] bomb = Gzip(Good(1) + "\n" + new string(' ', 90 << 20));
        ReadSource read = ReadSource.Of(bomb, limits: new ReadLimits { DecompressionRatio = 100 });
        Assert.Contains("bomb", read.Unreadable, StringComparison.Ordinal);
        Assert.Equal(["1"], Ids(read));
        Assert.InRange(read.Statistics.DecompressedBytes, 64 << 20, 66 << 20);

        read = ReadSource.Of(bomb, limits: new ReadLimits { DecompressedBytes = 1 << 20 });
        Assert.Contains("longer than 1048576 bytes", read.Unreadable, StringComparison.Ordinal);
    }

    private static byte[] Gzip(string text)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.Latin1.GetBytes(text));
        }

        return compressed.ToArray();
    }

    [Fact]
    public void Half_a_surrogate_pair_in_a_name_ends_no_source()
    {
        const string Span = """{"traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"b7ad6b7169203331","operationName":"x","references":[],"startTime":1772128800000000,"duration":5,"processID":"p1"}""";
        string source = $$"""{"\ud800D":1,"traceID":"0af7651916cd43dd8448eb211c80319c","spans":[{{Span}}],"processes":{"p1":{"serviceName":"shop"} } }""" + "\n";

        ReadSource read = ReadSource.Of(source + source.Replace("\\ud800D", "d", StringComparison.Ordinal));

        Assert.NotEmpty(read.Spans);
    }
}
