using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.Datadog;

public sealed class DatadogTests
{
    private const string Root =
        """{"trace_id":14573057136609150318,"span_id":3508095443034767631,"parent_id":0,"name":"web.request","resource":"GET /cart","service":"shop","type":"web","start":1772128800000000000,"duration":5000000,"error":1,"meta":{"_dd.p.tid":"6530d7d600000000","env":"prod","http.status_code":"500","error.message":"boom","error.type":"E","span.kind":"server"},"metrics":{"_sampling_priority_v1":1}}""";

    private const string Child =
        """{"trace_id":14573057136609150318,"span_id":2,"parent_id":3508095443034767631,"name":"postgres.query","resource":"SELECT 1","service":"shop-db","type":"sql","start":1772128800001000000,"duration":1000000,"error":0,"meta":{"out.host":"db1"},"metrics":{"n":1.5}}""";

    [Fact]
    public void Spans_of_a_trace_have_its_decimal_id_with_the_half_that_only_the_first_one_has()
    {
        var read = ReadSource.Of($"[[{Root},{Child}],[{Child.Replace("14573057136609150318", "7", StringComparison.Ordinal)}]]");
        Assert.Equal((SourceFormat.Datadog, 3, 0), (read.Statistics.Format, read.Spans.Count, read.Statistics.Rejected));
        (ReadSpan root, ReadSpan child) = (read.Spans[0], read.Spans[1]);
        Assert.Equal(("6530d7d600000000ca3de6411f0f456e", $"{3508095443034767631:x16}", "0000000000000000"), (root.TraceId, root.SpanId, root.ParentSpanId));
        Assert.Equal((root.TraceId, root.SpanId), (child.TraceId, child.ParentSpanId));
        Assert.Equal(("shop", "GET /cart", SpanKind.Server, SpanStatus.Error, "boom"), (root.Service, root.Name, root.Kind, root.Status, root.StatusMessage));
        Assert.Equal((1772128800000000000, 5_000_000, "500", "prod"), (root.Start, root.End - root.Start, root.Attributes["http.response.status_code"], root.Resource["deployment.environment.name"]));
        Assert.Equal((SpanKind.Client, "postgres.query", "db1", "double 1.5"), (child.Kind, child.Attributes["datadog.operation"], child.Attributes["server.address"], child.Attributes["n"]));
        Assert.Equal("00000000000000000000000000000007", read.Spans[2].TraceId);
    }

    [Fact]
    public void Traces_that_functions_log_have_hexadecimal_ids()
    {
        ReadSpan span = ReadSource.Of("""{"traces":[[{"trace_id":"0a3de6411f0f456e","span_id":"30af3eb389c7a010","parent_id":"0000000000000000","name":"aws.lambda","resource":"f","service":"f","type":"serverless","start":1772128800000000000,"duration":5,"error":0,"meta":{},"metrics":{}}]]}""").Only;
        Assert.Equal(("00000000000000000a3de6411f0f456e", "30af3eb389c7a010", "0000000000000000", SpanKind.Server), (span.TraceId, span.SpanId, span.ParentSpanId, span.Kind));
    }

    [Fact]
    public void A_span_of_no_known_length_keeps_its_place()
    {
        ReadSpan span = ReadSource.Of(Child.Replace("\"duration\":1000000", "\"duration\":-5", StringComparison.Ordinal)).Only;
        Assert.Equal((span.Start, SpanFlags.Started | SpanFlags.Ended | SpanFlags.OddDuration), (span.End, span.Flags));
    }
}
