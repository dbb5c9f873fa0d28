using System.Buffers;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Core.Tests.Generation;

public class GeneratedOtlpReadBackTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reading_generated_otlp_gives_exactly_the_spans_that_were_meant(bool isJson)
    {
        SpanLogGenerator generator = new(new GeneratorOptions { Spans = 2_000, Seed = 11 });
        SpanBatch meant = new();
        while (generator.Next(meant))
        {
            ArrayBufferWriter<byte> output = new();
            if (isJson)
            {
                OtlpJsonWriter.Write(meant, output);
            }
            else
            {
                new OtlpProtobufWriter().Write(meant, output, framed: false);
            }

            SpanBatch read = new();
            Assert.Equal(meant.Count, OtlpRequest.ReadTraces(output.WrittenMemory, isJson, read).Accepted);
            Assert.Equal(Describe(meant), Describe(read));
        }
    }

    private static List<string> Describe(SpanBatch batch) => [.. batch.Spans.ToArray().Select(span =>
        $"{span.TraceId} {span.SpanId} {span.ParentSpanId} {span.Start} {span.End} {batch.Text(span.Service)} {batch.Text(span.Name)} {span.Kind} {span.Status} {batch.Text(span.StatusMessage)} "
        + string.Join(';', Texts(batch, batch.Attributes(span)).Concat(Texts(batch, batch.SharedAttributes(span))).Where(static text => !text.StartsWith("otel.scope", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        + string.Join('|', batch.Events(span).ToArray().Select(each => $"{each.TimeUnixNano} {batch.Text(each.Name)} {string.Join(';', Texts(batch, batch.Attributes(each)))}"))).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Texts(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes) =>
        attributes.ToArray().Select(each => $"{batch.Text(each.Key)}={each.Kind}:{(each.IsText ? batch.Text(each.Text) : each.Bits)}");
}
