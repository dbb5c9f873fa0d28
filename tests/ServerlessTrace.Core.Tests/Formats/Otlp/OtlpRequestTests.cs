using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

public class OtlpRequestTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("no JSON", true)]
    [InlineData("[]", true)]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[", true)]
    [InlineData("{\"resourceSpans\":[]}{\"resourceSpans\":[]}", true)]
    [InlineData("{\"resourceSpans\":[]}", false)]
    [InlineData("\n\u007f", false)]
    public void A_body_that_is_no_request_is_refused_as_a_whole(string body, bool isJson)
    {
        SpanBatch batch = new();
        Assert.Throws<UnreadableSourceException>(() => OtlpRequest.ReadTraces(Encoding.UTF8.GetBytes(body), isJson, batch));
        Assert.Equal(0, batch.Count);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("{}", true)]
    [InlineData(" {\"resourceSpans\": [ ] }\n", true)]
    public void A_request_without_spans_is_fine(string body, bool isJson) =>
        Assert.Equal(default, OtlpRequest.ReadTraces(Encoding.UTF8.GetBytes(body), isJson, new SpanBatch()));

    [Fact]
    public void Bad_spans_are_counted_and_the_good_ones_taken()
    {
        OtlpSpan good = new RandomOtlp(1).Span();
        OtlpModel model = new([new OtlpGroup([], [new OtlpScopeGroup("", "", [], [good, good with { TraceId = [1, 2] }, good with { SpanId = new byte[8] }])])]);
        OtlpRequestResult result = OtlpRequest.ReadTraces(OtlpProtobufEncoder.Request(model), isJson: false, new SpanBatch());
        Assert.Equal((1, 2), (result.Accepted, result.Rejected));
        Assert.StartsWith("2 rejected, the first because of: traceId has 2 bytes: expected 16", result.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        object? deep = "end";
        for (int i = 0; i < 3_000; i++)
        {
            deep = new object?[] { deep };
        }

        OtlpSpan span = new RandomOtlp(1).Span() with { Attributes = [new OtlpPair("deep", deep)] };
        OtlpModel model = new([new OtlpGroup([], [new OtlpScopeGroup("", "", [], [span])])]);
        OtlpRequestResult result = OtlpRequest.ReadTraces(OtlpProtobufEncoder.Request(model), isJson: false, new SpanBatch());
        Assert.Contains("deeper", result.ErrorMessage, StringComparison.Ordinal);
        string json = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + string.Concat(Enumerable.Repeat("{\"a\":[", 100_000));
        Assert.Throws<UnreadableSourceException>(() => OtlpRequest.ReadTraces(Encoding.UTF8.GetBytes(json), isJson: true, new SpanBatch()));
    }

    [Fact]
    public void Limits_cut_and_mark_the_span()
    {
        OtlpSpan span = new RandomOtlp(1).Span() with { Attributes = [new OtlpPair("a", "käse"), new OtlpPair("b", 1L), new OtlpPair("c", 2L)], Name = "work", DroppedAttributes = 0 };
        OtlpModel model = new([new OtlpGroup([], [new OtlpScopeGroup("", "", [], [span with { Events = [], Links = [], TraceState = "", StatusMessage = "" }])])]);
        SpanBatch batch = new();
        OtlpRequest.ReadTraces(OtlpProtobufEncoder.Request(model), isJson: false, batch, new ReadLimits { AttributeBytes = 2, AttributesPerSpan = 2 });
        Assert.Equal(SpanFlags.Truncated, batch[0].Flags & SpanFlags.Truncated);
        Assert.Equal(2, batch[0].AttributeCount);
        Assert.Equal("k", batch.Text(batch.Attributes(batch[0])[0].Text));
    }

    [Property(MaxTest = 3000)]
    public void Damaged_requests_are_read_or_refused_but_never_crash(int seed)
    {
        Random random = new(seed);
        OtlpModel model = new RandomOtlp(seed).Request();
        bool isJson = random.Next(2) == 0;
        byte[] body = isJson ? Encoding.UTF8.GetBytes(new OtlpJsonEncoder(random).Request(model)) : OtlpProtobufEncoder.Request(model);
        for (int i = random.Next(8); i >= 0 && body.Length > 0; i--)
        {
            int at = random.Next(body.Length);
            switch (random.Next(3))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body = [.. body[..at], .. body[random.Next(body.Length)..]];
                    break;
                default:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        try
        {
            OtlpRequest.ReadTraces(body, isJson, new SpanBatch());
        }
        catch (UnreadableSourceException)
        {
            // Refused, which is what a damaged body is for.
        }

        OtlpSource source = OtlpSource.Of(body);
        Assert.True(source.Statistics.Records == source.Lines.Count);
    }
}
