using System.Text;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Tests.Formats;

public sealed class DetectionTests
{
    [Theory]
    [InlineData(SourceFormat.SpanLog, """{"traceId":"5982fe77008310cc80f1da5e10147517","spanId":"bd7a977555f6b982","name":"x","kind":"CLIENT","timestamp":1458702548467000}""")]
    [InlineData(SourceFormat.SpanLog, """{"traceId":"5982fe77008310cc80f1da5e10147517","id":"42-a","message":"order made"}""")]
    [InlineData(SourceFormat.SpanLog, """{"traceId":"5982fe77008310cc80f1da5e10147517","id":"42","message":"order made"}""")]
    [InlineData(SourceFormat.SpanLog, """{"traceId":"5982fe77008310cc80f1da5e10147517","id":"42","timestamp":"2026-02-26T18:00:00Z","name":"x"}""")]
    [InlineData(SourceFormat.SpanLog, """{"trace_id":"1","data":[{"traceID":"1"}],"spans":3}""")]
    [InlineData(SourceFormat.SpanLog, """{"records":3,"trace_id":"1","span_id":"2"}""")]
    [InlineData(SourceFormat.SpanLog, """{"Type":"AppRequests","trace_id":"1","span_id":"2"}""")]
    [InlineData(SourceFormat.SpanLog, """{"log":"my.logger","trace_id":"1","span_id":"2","message":"x"}""")]
    [InlineData(SourceFormat.SpanLog, """{"log":"a","stream":"orders","trace_id":"1"}""")]
    [InlineData(SourceFormat.SpanLog, "{}")]
    [InlineData(SourceFormat.SpanLog, "[]{\"trace_id\":\"1\"}")]
    [InlineData(SourceFormat.SpanLog, "starting up\n{\"trace_id\":\"1\"}")]
    [InlineData(SourceFormat.SpanLog, "starting {up}\n{\"trace_id\":\"1\"}")]
    [InlineData(SourceFormat.SpanLog, "{\"trace_id\":\"1")]
    [InlineData(SourceFormat.Zipkin, """[{"traceId":"5982fe77008310cc80f1da5e10147517","id":"bd7a977555f6b982"}]""")]
    [InlineData(SourceFormat.Zipkin, """[[{"id":"bd7a977555f6b982","traceId":"5982fe77008310cc80f1da5e10147517","na""")]
    [InlineData(SourceFormat.Zipkin, "[\n  {\n    \"kind\": \"SERVER\",\n    \"tags\": {\"span_id\": \"x\"},\n    \"id\": \"bd7a977555f6b982\",\n    \"traceId\": \"bd7a977555f6b982\"\n  }\n]")]
    [InlineData(SourceFormat.Zipkin, "{\"traceId\" broken}\n{\"traceId\":\"1\",\"id\":\"2\"}")]
    [InlineData(SourceFormat.Zipkin, """{"traceId":"1","id":"2","timestamp":"1772128800000000","localEndpoint":{"serviceName":"a"}}""")]
    [InlineData(SourceFormat.Zipkin, """{"traceId":"1","id":"2","timestamp":1772128800000000,"localEndpoint":{"serviceName":"a"},"clock":"ntp"}""")]
    [InlineData(SourceFormat.SpanLog, """{"traceId":"1","id":"2","localEndpoint":{"serviceName":"a"},"msg":"order made"}""")]
    [InlineData(SourceFormat.Jaeger, """{"data":[{"traceID":"1","spans":[]""")]
    [InlineData(SourceFormat.Jaeger, """{"total":0,"data":[{"processes":{},"spans":[{"traceID":"1"}],"traceID":"1"}]}""")]
    [InlineData(SourceFormat.Jaeger, """[{"traceID":"1","spans":[]}]""")]
    [InlineData(SourceFormat.AzureMonitor, """{"records":[{"Type":"AppTraces","OperationId":"1"}]}""")]
    [InlineData(SourceFormat.AzureMonitor, """{"itemType":"dependency","data":"SELECT 1","operation_Id":"1"}""")]
    [InlineData(SourceFormat.AzureMonitor, """{"data":"SELECT 1","operation_Id":"1","itemType":"dependency"}""")]
    [InlineData(SourceFormat.LogLines, "trace_id=0af7651916cd43dd8448eb211c80319c span_id=2 msg=logfmt\n")]
    [InlineData(SourceFormat.LogLines, "INFO {\"trace_id\":\"1\"}")]
    [InlineData(SourceFormat.LogLines, "[INFO] [x] {\"trace_id\":\"1\"}")]
    [InlineData(SourceFormat.LogLines, "starting up\nINFO { \"trace_id\":\"1\"}")]
    [InlineData(SourceFormat.LogLines, "2026-02-26T18:00:00.1Z stdout P {")]
    [InlineData(SourceFormat.LogLines, """{"log":"{}\n","stream":"stdout","time":"2026-02-26T18:00:00.1Z"}""")]
    [InlineData(SourceFormat.LogLines, """{"time":"2026-02-26T18:00:00.1Z","stream":"stderr","log":"{}\n"}""")]
    [InlineData(SourceFormat.Unknown, " \n\n [ ] \n")]
    internal void Content_tells_its_format(SourceFormat format, string content) =>
        Assert.Equal(format, FormatDetection.Detect(Encoding.UTF8.GetBytes(content), out _));

    [Theory]
    [InlineData("plain text\nof several {lines}\n")]
    [InlineData("trace_id=1 span_id=2 msg=logfmt\n")]
    [InlineData("<Event xmlns='x'/>")]
    public void What_has_no_JSON_is_refused_with_advice(string content) =>
        Assert.Contains("send ", Assert.Throws<UnreadableSourceException>(() => FormatDetection.Detect(Encoding.UTF8.GetBytes(content), out _)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Tempo's search", """{"traces":[{"traceID":"1","rootServiceName":"a","rootTraceName":"b","startTimeUnixNano":"1","durationMs":9}],"metrics":{}}""")]
    [InlineData("Google Cloud Trace", """{"projectId":"p","traceId":"0af7651916cd43dd8448eb211c80319c","spans":[{"spanId":"7","startTime":"2026-02-26T18:00:00Z"}]}""")]
    [InlineData("SkyWalking", """[{"traceId":"a.1.2","traceSegmentId":"a.1.3","spans":[]}]""")]
    [InlineData("pprof", "\n\u0004\b\u0001\u0010\u0002\u001a\u0002\b\u0001")]
    public void What_is_known_and_not_read_is_refused_by_its_name(string name, string content) =>
        Assert.Contains(name, Assert.Throws<UnreadableSourceException>(() => FormatDetection.Detect(Encoding.UTF8.GetBytes(content), out _)).Message, StringComparison.Ordinal);
}
