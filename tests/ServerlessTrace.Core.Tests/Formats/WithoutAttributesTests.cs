using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Core.Tests.Formats;

public class WithoutAttributesTests
{
    private const string Lines =
        """
        {"timestamp":"2026-02-26T18:00:00Z","service":"pay","trace_id":"1","span_id":"2","span_name":"a","event":"span_start","attributes":{"n":1,"s":"x\u0041","o":{"p":[1,null]},"t":true,"service":"no"},"order_id":"o"}
        {"timestamp":"2026-02-26T18:00:01Z","resource":{"service.name":"pay"},"trace_id":"1","span_id":"2","parent_span_id":"3","event":"span_end","status":"ERROR","error_code":"E","duration_ms":900}
        {"resource":{"service":"shop"},"timestamp":"2026-02-26T18:00:01Z","trace_id":"1","span_id":"5","span_name":"b","event":"span_end","baggage":"a=1","attributes":{"service.name":"other"},"duration_ms":1}
        {"timestamp":"2026-02-26T18:00:01Z","trace_id":"1","span_id":"6","span_name":"c","attributes":{"service.name":"cart","deployment.environment":"test"},"duration_ms":1,"@ra":{"service.name":"basket"}}
        {"timestamp":"2026-02-26T18:00:01Z","service":"pay","trace_id":"1","span_id":"7","span_name":"d","resource":{"service":"no","service.name":"neither","n":[{"a":"\n"},-1.5e3,true]},"duration_ms":1}
        {"timestamp":"2026-02-26T18:00:01Z","service":"pay","trace_id":"1","span_id":"4","event":"span_end","attributes":{"n":1x}}
        {"timestamp":"2026-02-26T18:00:01Z","service":"pay","trace_id":"1","span_id":"4","event":"span_end","attributes":{"s":"\x"}}
        {"timestamp":"2026-02-26T18:00:01Z","service":"pay","trace_id":"1","span_id":"4","event":"span_end","resource":{"a":{"b":[1,]}}}
        """;

    [Fact]
    public async Task Span_logs_read_without_attributes_give_the_same_spans_and_rejections()
    {
        using var generated = new MemoryStream();
        new SpanLogGenerator(new GeneratorOptions { Spans = 500 }).Write(generated);
        byte[] source = [.. Encoding.UTF8.GetBytes(Lines + "\n"), .. generated.ToArray()];

        (SpanBatch whole, SourceStatistics wholly) = await ReadAsync(source, new ReadLimits());
        (SpanBatch bare, SourceStatistics barely) = await ReadAsync(source, new ReadLimits { WithoutAttributes = true });

        Assert.Equal((wholly.Records, wholly.Rejected), (barely.Records, barely.Rejected));
        Assert.Equal(3, barely.Rejected);
        Assert.Equal(Describe(whole), Describe(bare));
        Assert.Equal(["pay", "pay", "shop", "basket", "pay"], Enumerable.Range(0, 5).Select(i => bare.Text(bare[i].Service)));
        Assert.True(bare.AttributeCount < whole.AttributeCount / 2);
    }

    private static async Task<(SpanBatch Batch, SourceStatistics Statistics)> ReadAsync(byte[] source, ReadLimits limits)
    {
        var batch = new SpanBatch();
        await using var reader = new SpanSourceReader(new MemoryStream(source), "source.log", limits);
        while (await reader.ReadBatchAsync(batch, CancellationToken.None))
        {
        }

        return (batch, reader.Statistics);
    }

    private static IEnumerable<object> Describe(SpanBatch batch) => Enumerable.Range(0, batch.Count).Select(i => (object)(
        batch[i].TraceId, batch[i].SpanId, batch[i].ParentSpanId, batch[i].StartUnixNano, batch[i].EndUnixNano,
        (batch[i].ReportedDurationNano, batch[i].Status, batch[i].Kind, batch[i].Flags, batch.Text(batch[i].Service), batch.Text(batch[i].Name), batch.Events(in batch[i]).Length)));
}
