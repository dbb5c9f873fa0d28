using System.Buffers.Binary;
using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

public class OtlpFramingTests
{
    [Property(MaxTest = 60)]
    public void Protobuf_messages_give_the_same_spans_in_every_framing(int seed)
    {
        byte[][] messages = Messages(seed);
        string expected = Spans(messages.SelectMany(static message => message).ToArray());
        Assert.Equal(expected, Spans(Framed(messages)));
        Assert.Equal(expected, Spans(Separated(messages)));
    }

    [Property(MaxTest = 60)]
    public void Json_documents_give_the_same_spans_in_every_framing(int seed)
    {
        string[] documents = [.. Enumerable.Range(0, 3).Select(i => Json(seed + i))];
        string expected = string.Join("\n", documents.Select(Spans).Where(static text => text.Length > 0));
        foreach (string separator in (string[])["\n", "", "\r\n", "\r", " ", "\n\n"])
        {
            Assert.Equal(expected, Spans(string.Join(separator, documents)));
        }

        Assert.Equal(expected, Spans("[" + string.Join(",\n", documents) + "]\n"));
    }

    [Property(MaxTest = 40)]
    public void Content_split_anywhere_gives_the_same_records_and_rejections(int seed)
    {
        Random random = new(seed);
        byte[][] messages = Messages(seed);
        byte[] content = random.Next(4) switch
        {
            0 => Framed(messages),
            1 => Separated(messages),
            2 => messages[0],
            _ => Encoding.UTF8.GetBytes(string.Join("\r\n", Enumerable.Range(0, 3).Select(i => Json(seed + i)))),
        };
        if (random.Next(2) == 0)
        {
            Damage(content, random);
        }

        string whole = ReadInPieces(content, int.MaxValue);
        Assert.Equal(whole, ReadInPieces(content, 1));
        Assert.Equal(whole, ReadInPieces(content, 1 + random.Next(200)));
    }

    [Property(MaxTest = 60)]
    public void Small_batches_give_the_same_spans(int seed)
    {
        ReadLimits small = new() { SpansPerBatch = 1 };
        byte[] protobuf = Framed(Messages(seed));
        Assert.Equal(Spans(protobuf), OtlpSource.Of(protobuf, small).Text);
    }

    [Theory]
    [InlineData("Name: value\nOther: value\n")]
    [InlineData("\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n")]
    [InlineData("\n\u0012\n\u0010aaaaaaaaaaaaaaaa\u0012\baaaaaaaa")]
    [InlineData("\n plain text after a line feed, and more of it\n")]
    [InlineData("{\"resource\": \"spans\"}\n")]
    public void Text_is_never_taken_for_protobuf(string text) =>
        Assert.NotEqual(SourceFormat.OtlpProtobuf, OtlpSource.Of(text).Statistics.Format);

    [Property(MaxTest = 2000)]
    public void Text_made_of_line_feeds_and_anything_is_never_taken_for_protobuf(int seed)
    {
        Random random = new(seed);
        byte[] text = new byte[random.Next(1, 400)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = random.Next(3) == 0 ? (byte)'\n' : random.Next(8) == 0 ? (byte)'\t' : (byte)random.Next(0x20, 0x100);
        }

        Assert.NotEqual(SourceFormat.OtlpProtobuf, OtlpSource.Of(text).Statistics.Format);
    }

    [Fact]
    public void A_framed_message_that_is_longer_than_a_record_may_be_is_read_span_by_span()
    {
        OtlpSpan[] spans = [.. Enumerable.Range(1, 2_000).Select(static i => new OtlpSpan
        {
            TraceId = [.. new byte[15], 1], SpanId = [.. new byte[4], .. BitConverter.GetBytes(i)], Name = "work", Start = 1, End = 2,
            Attributes = [new OtlpPair("text", new string('x', 200))],
        })];
        byte[] message = OtlpProtobufEncoder.Request(new OtlpModel([new OtlpGroup([new OtlpPair("service.name", "shop")], [new OtlpScopeGroup("", "", [], spans)])]));
        ReadLimits limits = new() { RecordBytes = 1_000 };
        Assert.Equal(2_000, OtlpSource.Of(Framed([message, message]), limits).Statistics.SpanRecords / 2);
        Assert.Equal(2_000, OtlpSource.Of(message, limits).Statistics.SpanRecords);
    }

    [Fact]
    public void A_record_that_is_too_long_is_rejected_and_the_next_one_read()
    {
        OtlpSpan Span(byte id, int length) => new() { TraceId = [.. new byte[15], 1], SpanId = [.. new byte[7], id], Name = new string('n', length), Start = 1, End = 2 };
        OtlpModel model = new([new OtlpGroup([], [new OtlpScopeGroup("", "", [], [Span(1, 10), Span(2, 300_000), Span(3, 10)])])]);
        ReadLimits limits = new() { RecordBytes = 10_000 };
        foreach (OtlpSource source in (OtlpSource[])[OtlpSource.Of(OtlpProtobufEncoder.Request(model), limits), OtlpSource.Of(new OtlpJsonEncoder(new Random(1)).Request(model), limits)])
        {
            Assert.Equal(2, source.Lines.Count);
            Assert.Contains("longer", Assert.Single(source.Statistics.Rejections).Reason.Replace("more than 10000", "longer", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_source_that_is_cut_off_keeps_what_was_before()
    {
        byte[] message = OtlpProtobufEncoder.Request(new OtlpModel([new OtlpGroup([], [new OtlpScopeGroup("", "", [], [Whole(1), Whole(2)])])]));
        string json = new OtlpJsonEncoder(new Random(1)).Request(new OtlpModel([new OtlpGroup([], [new OtlpScopeGroup("", "", [], [Whole(1), Whole(2)])])]));
        foreach (byte[] content in (byte[][])[message, Framed([message]), Encoding.UTF8.GetBytes(json)])
        {
            OtlpSource cut = OtlpSource.Of(content[..^3]);
            Assert.Contains("cut off", Assert.Single(cut.Statistics.Rejections).Reason, StringComparison.Ordinal);
            Assert.InRange(cut.Lines.Count, 1, 2);
        }
    }

    private static OtlpSpan Whole(byte id) => new() { TraceId = [.. new byte[15], 1], SpanId = [.. new byte[7], id], Name = "work", Start = 1, End = 2 };

    /// <summary>As the Collector's file exporter writes messages.</summary>
    public static byte[] Framed(byte[][] messages) => [.. messages.SelectMany(static message =>
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, message.Length);
        return length.Concat(message);
    })];

    /// <summary>As the Collector's azureblob exporter appends messages.</summary>
    private static byte[] Separated(byte[][] messages) => [.. messages.SelectMany(static message => message.Append((byte)'\n'))];

    /// <summary>Messages of which the first has a span, without which nothing is known to be OTLP.</summary>
    private static byte[][] Messages(int seed)
    {
        OtlpModel first = new([new OtlpGroup([new OtlpPair("service.name", "shop")], [new OtlpScopeGroup("", "", [], [new RandomOtlp(seed).Span()])])]);
        return [OtlpProtobufEncoder.Request(first), .. Enumerable.Range(0, 3).Select(i => OtlpProtobufEncoder.Request(new RandomOtlp(seed + i).Request()))];
    }

    private static string Json(int seed) => new OtlpJsonEncoder(new Random(seed)).Request(new RandomOtlp(seed).Request());

    private static string Spans(byte[] content)
    {
        OtlpSource source = OtlpSource.Of(content);
        Assert.Empty(source.Statistics.Rejections);
        return source.Text;
    }

    private static string Spans(string content) => Spans(Encoding.UTF8.GetBytes(content));

    private static void Damage(byte[] content, Random random)
    {
        for (int i = random.Next(4); i >= 0; i--)
        {
            // What is damaged early may not be recognised at all, which says nothing of splitting.
            content[random.Next(Math.Min(60, content.Length - 1), content.Length)] = (byte)random.Next(256);
        }
    }

    private static string ReadInPieces(byte[] content, int most)
    {
        OtlpSource source = OtlpSource.Of(new PieceStream(content, most));
        return source.Everything;
    }

    /// <summary>A stream that hands out a few bytes at a time, but first what detection waits for anyway.</summary>
    private sealed class PieceStream(byte[] content, int most) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
