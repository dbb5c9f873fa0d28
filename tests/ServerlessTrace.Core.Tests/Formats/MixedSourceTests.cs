namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Sources, as a container's log is one, whose records are of several formats.</summary>
public sealed class MixedSourceTests
{
    private const string SpanLog = """{"timestamp":"2026-02-26T18:00:00Z","event":"span_end","service":"pay","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","span_name":"a","duration_ms":1}""";
    private const string Otlp = """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203332","name":"b","startTimeUnixNano":"1","endTimeUnixNano":"5"}]}]}]}""";
    private const string Zipkin = """{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"b7ad6b7169203333","name":"c","timestamp":1000000000000000,"duration":5}""";
    private const string Jaeger = """{"traceID":"0af7651916cd43dd8448eb211c80319c","spanID":"b7ad6b7169203334","operationName":"d","startTime":1000000000000000,"duration":5,"process":{"serviceName":"s"}}""";
    private const string Azure = """{"Type":"AppRequests","OperationId":"0af7651916cd43dd8448eb211c80319c","Id":"b7ad6b7169203335","Name":"e","time":"2026-02-26T18:00:00Z","DurationMs":5}""";

    [Fact]
    public void Records_are_read_in_any_order_of_their_formats()
    {
        string[] records = [SpanLog, Otlp, Zipkin, Jaeger, Azure];
        foreach (string first in records)
        {
            foreach (string second in records)
            {
                var read = ReadSource.Of($"{first}\n{second}\n{first}\n");
                string names = string.Concat(read.Spans.Select(span => span.Name));
                Assert.Equal(NameOf(first) + NameOf(second) + NameOf(first), names);
                Assert.Empty(read.Statistics.Rejections);
            }
        }
    }

    [Fact]
    public void Lines_are_counted_over_all_formats()
    {
        var read = ReadSource.Of($"{SpanLog}\n{Zipkin}\n\n{Otlp}\n{Jaeger}\n{{\"trace_id\":1,\"x\n{SpanLog}\n{Azure}\n");
        Assert.Equal((6, 6), (read.Spans.Count, read.Rejection.Line));
    }

    [Fact]
    public void A_record_that_no_format_can_use_is_rejected_once()
    {
        var read = ReadSource.Of($"{Jaeger}\n{{\"traceID\":\"x\",\"spanID\":\"1\",\"operationName\":\"x\"}}\n{Zipkin}\n{{\"message\":\"no ids\"}}\n{Zipkin}\n");
        Assert.Equal((3, 2), (read.Spans.Count, read.Statistics.Rejected));
    }

    private static string NameOf(string record) => record == SpanLog ? "a" : record == Otlp ? "b" : record == Zipkin ? "c" : record == Jaeger ? "d" : "e";
}
