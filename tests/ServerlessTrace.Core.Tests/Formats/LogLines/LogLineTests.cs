using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Tests.Formats.LogLines;

public sealed class LogLineTests
{
    private static string Record(int i, string name = "work") => string.Create(CultureInfo.InvariantCulture,
        $$"""{"timestamp":"2026-02-26T18:00:00Z","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"{{i:x16}}","span_name":"{{name}}","event":"span_end","duration_ms":3}""");

    private static string Plain => string.Join('\n', Enumerable.Range(1, 5).Select(i => Record(i))) + "\n";

    public static TheoryData<string> Prefixes =>
    [
        "2026-02-26T18:00:00.123456789Z stdout F ",
        "2026-02-26T18:00:00.123456789+01:00 stderr F ",
        "<34>1 2026-02-26T18:00:00.003Z host shop 1234 ID47 - ",
        "Feb 26 18:00:00 host shop[1234]: ",
        "shop-1  | ",
        "[INFO] ",
        "INFO {main} x - ",
        "\u001b[32minfo\u001b[0m: ",
    ];

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void A_prefix_before_the_JSON_is_taken_off(string prefix)
    {
        string content = string.Concat(Plain.TrimEnd().Split('\n').Select(line => prefix + line + "\n"));
        ReadSource read = ReadSource.Of(content);
        Assert.Equal(SourceFormat.LogLines, read.Statistics.Format);
        Assert.Equal(ReadSource.Of(Plain).Describe(), read.Describe());
        Assert.Equal(read.Describe(), ReadSource.Of(new OneByteStream(Encoding.UTF8.GetBytes(content))).Describe());
        Assert.Equal(read.Describe(), ReadSource.Of(content, limits: new ReadLimits { SpansPerBatch = 1 }).Describe());
    }

    [Fact]
    public void Docker_wrappers_are_taken_off()
    {
        string content = string.Concat(Plain.TrimEnd().Split('\n').Select(line =>
            JsonSerializer.Serialize(new { log = line + "\n", stream = "stdout", time = "2026-02-26T18:00:00.5Z" }) + "\n"));
        ReadSource read = ReadSource.Of(content);
        Assert.Equal(SourceFormat.LogLines, read.Statistics.Format);
        Assert.Equal(ReadSource.Of(Plain).Describe(), read.Describe());
    }

    [Fact]
    public void Split_lines_of_a_container_are_joined_stream_by_stream()
    {
        string first = Record(1, "long name");
        string second = Record(2, "other");
        string content = string.Join('\n',
            "2026-02-26T18:00:00.1Z stdout P " + first[..40],
            "2026-02-26T18:00:00.2Z stderr P " + second[..10],
            "2026-02-26T18:00:00.3Z stdout P " + first[40..90],
            "2026-02-26T18:00:00.4Z stderr F " + second[10..],
            "2026-02-26T18:00:00.5Z stdout F " + first[90..],
            "2026-02-26T18:00:00.6Z stdout F " + Record(3));
        ReadSource read = ReadSource.Of(content);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(["other", "long name", "work"], read.Spans.Select(span => span.Name));
    }

    [Fact]
    public void Docker_splits_long_lines_as_well()
    {
        string record = Record(1, new string('x', 40_000));
        string[] parts = [record[..16384], record[16384..32768], record[32768..] + "\n"];
        ReadSource read = ReadSource.Of(string.Concat(parts.Select(part => JsonSerializer.Serialize(new { log = part, stream = "stdout", time = "t" }) + "\n")));
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(16 << 10, read.Only.Name.Length);
    }

    [Fact]
    public void Lines_without_JSON_and_bad_lines_are_rejected_where_they_are()
    {
        string[] lines = ["2026-02-26T18:00:00.1Z stdout F " + Record(1), "2026-02-26T18:00:00.1Z stdout F listening on 80", "x | {\"trace_id\":\"zz\"}", "x | " + Record(2)];
        ReadSource read = ReadSource.Of(string.Join('\n', lines) + "\n");
        Assert.Equal(2, read.Spans.Count);
        Assert.Equal([(2, lines[0].Length + 1), (3, lines[0].Length + lines[1].Length + 2)], read.Statistics.Rejections.Select(r => ((int)r.Line, (int)r.Offset)));
    }

    [Fact]
    public void Many_bad_lines_keep_their_places()
    {
        StringBuilder content = new();
        for (int i = 0; i < 30_000; i++)
        {
            content.Append("shop | ").Append(i % 300 == 299 ? "{\"bad\": true}" : Record(i + 1)).Append('\n');
        }

        ReadSource read = ReadSource.Of(content.ToString(), limits: new ReadLimits { SpansPerBatch = 777 });
        Assert.Equal(Enumerable.Range(1, 100).Select(i => i * 300L), read.Statistics.Rejections.Select(r => r.Line));
        string[] lines = content.ToString().Split('\n');
        Assert.Equal(lines.Take(29_999).Sum(line => line.Length + 1), read.Statistics.Rejections[^1].Offset);
    }

    [Fact]
    public void Other_formats_behind_a_prefix_are_read_as_what_they_are()
    {
        ReadSource read = ReadSource.Of("""
            2026-02-26T18:00:00.1Z stdout F {"traceId":"5982fe77008310cc80f1da5e10147517","id":"bd7a977555f6b982","name":"get","kind":"CLIENT","timestamp":1458702548467000,"duration":386000}
            """);
        Assert.Equal(SourceFormat.LogLines, read.Statistics.Format);
        Assert.Equal(1458702548853000_000, read.Only.End);
    }

    [Fact]
    public void A_line_beyond_the_limit_is_rejected_alone()
    {
        ReadSource read = ReadSource.Of($"x | {Record(1)}\nx | {Record(2, new string('x', 600_000))}\nx | {Record(3)}\n", limits: new ReadLimits { RecordBytes = 20_000 });
        Assert.Equal(2, read.Spans.Count);
        Assert.Contains("longer than 20000 bytes", read.Rejection.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_growing_log_is_read_on_where_it_ended()
    {
        string first = "x | " + Record(1) + "\n" + "x | " + Record(2) + "\nx | {\"trace";
        SpanSourceReader reader = new(new MemoryStream(Encoding.UTF8.GetBytes(first)), "a.log", part: new SourcePart { MoreMayFollow = true });
        Core.Spans.SpanBatch batch = new();
        while (await reader.ReadBatchAsync(batch, CancellationToken.None))
        {
        }

        Assert.Equal(2, batch.Count);
        Assert.Equal((first.LastIndexOf('\n') + 1, 3, SourceFormat.LogLines), ((int)reader.Position.Offset, (int)reader.Position.Line, reader.Position.Format));
        string rest = "x | {}\nx | " + Record(3) + "\n";
        SpanSourceReader next = new(new MemoryStream(Encoding.UTF8.GetBytes(rest)), "a.log", part: new SourcePart { From = reader.Position });
        batch.Clear();
        while (await next.ReadBatchAsync(batch, CancellationToken.None))
        {
        }

        Assert.Equal(1, batch.Count);
        Assert.Equal((3, first.LastIndexOf('\n') + 1), ((int)Assert.Single(next.Statistics.Rejections).Line, (int)next.Statistics.Rejections[0].Offset));
    }
}
