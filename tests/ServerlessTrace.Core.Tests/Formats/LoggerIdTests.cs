using System.Globalization;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Ids and services under the names, in the places and in the spellings of loggers.</summary>
public class LoggerIdTests
{
    private const string Trace = "6530d7d67a99987d946f0be78b547ac1";
    private const string Span = "b7ad6b7169203331";

    [Theory]
    [InlineData("""{"msg":"m","trace_id":"T","span_id":"S"}""")]
    [InlineData("""{"msg":"m","traceID":"T","spanID":"S"}""")]
    [InlineData("""{"msg":"m","trace_id":"0xT","span_id":"0xS"}""")]
    [InlineData("""{"message":"m","trace.id":"T","span.id":"S","transaction.id":"1"}""")]
    [InlineData("""{"message":"m","trace":{"id":"T"},"transaction":{"id":"S"}}""")]
    [InlineData("""{"message":"m","trace":"T","span":"S"}""")]
    [InlineData("""{"message":"m","trace":{"trace_id":"T","span_id":"S"}}""")]
    [InlineData("""{"@t":"2026-02-26T18:00:00Z","@m":"m","@tr":"T","@sp":"S"}""")]
    [InlineData("""{"Timestamp":"2026-02-26T18:00:00Z","MessageTemplate":"m","Properties":{"TraceId":"T","SpanId":"S"}}""")]
    [InlineData("""{"Message":"m","Scopes":[{"Message":"RequestPath:/","RequestPath":"/"},{"SpanId":"S","TraceId":"T","ParentId":"0000000000000000"}]}""")]
    [InlineData("""{"message":"m","mdc":{"trace_id":"T","span_id":"S"}}""")]
    [InlineData("""{"message":"m","mdc":{"X-B3-TraceId":"T","X-B3-SpanId":"S"}}""")]
    [InlineData("""{"message":"m","contextMap":{"traceId":"T","spanId":"S"},"level":"INFO"}""")]
    [InlineData("""{"message":"m","context":{"trace_id":"T","span_id":"S"},"extra":{}}""")]
    [InlineData("""{"message":"m","extra":{"otelTraceID":"T","otelSpanID":"S"}}""")]
    [InlineData("""{"text":"x","record":{"message":"m","extra":{"trace_id":"T","span_id":"S"}}}""")]
    [InlineData("""{"msg":"m","ctx":{"traceId":"T","spanId":"S"}}""")]
    [InlineData("""{"message":"m","attributes":{"trace_id":"T","span_id":"S"}}""")]
    [InlineData("""{"message":"m","attributes":{"dd":{"trace_id":"T","span_id":"13235353014750950193"}}}""")]
    [InlineData("""{"message":"m","mdlc":{"TraceId":"T","SpanId":"S"}}""")]
    [InlineData("""{"message":"m","scopeProperties":{"TraceId":"T","SpanId":"S"}}""")]
    [InlineData("""{"fields":{"message":"m"},"openTelemetry":{"traceId":"T","spanId":"S"}}""")]
    [InlineData("""{"message":"m","contextMap":[{"key":"traceId","value":"T"},{"key":"spanId","value":"S"}]}""")]
    [InlineData("""{"message":"m","customDimensions":"{\"TraceId\":\"T\",\"SpanId\":\"S\"}"}""")]
    [InlineData("""{"Message":"m","Scopes":["RequestPath:/","SpanId:S, TraceId:T, ParentId:0000000000000000"]}""")]
    [InlineData("""{"message":"m","OperationId":"T","ParentId":"S"}""")]
    [InlineData("""{"message":"m","trace_id":"00-T-S-01"}""")]
    [InlineData("""{"message":"m","trace_id":"ZTDX1nqZmH2Ubwvni1R6wQ==","span_id":"t61rcWkgMzE="}""")]
    [InlineData("""{"fields":{"message":"m","trace_id":"T","span_id":"S"},"target":"app"}""")]
    [InlineData("""{"fields":{"message":"m"},"span":{"name":"work","trace_id":"T","span_id":"S"},"spans":[{"name":"work"}]}""")]
    [InlineData("""{"fields":{"message":"m"},"spans":[{"name":"outer"},{"name":"work","trace_id":"T","span_id":"S"}]}""")]
    [InlineData("""{"event":"m","span":{"trace_id":"0xT","span_id":"0xS","parent_span_id":null}}""")]
    [InlineData("""{"properties":{"trace_id":"T","span_id":"S"},"msg":"m"}""")]
    [InlineData("""{"labels":{"trace_id":"T","span_id":"S"},"message":"m"}""")]
    [InlineData("""{"level":"INFO","message":{"message":"m","trace_id":"T","span_id":"S"}}""")]
    [InlineData("""{"message":"m","logging.googleapis.com/trace":"projects/p-1/traces/T","logging.googleapis.com/spanId":"S"}""")]
    [InlineData("""{"message":"m","trace":"projects/p-1/traces/T","spanId":"S"}""")]
    [InlineData("""{"message":"m","x-cloud-trace-context":"T/13235353014750950193;o=1"}""")]
    [InlineData("""{"message":"m","xray_trace_id":"1-6530d7d6-7a99987d946f0be78b547ac1","span_id":"S"}""")]
    [InlineData("""{"message":"m","trace_id":"1-6530d7d6-7a99987d946f0be78b547ac1","span_id":"S"}""")]
    [InlineData("""{"message":"m","_X_AMZN_TRACE_ID":"Root=1-6530d7d6-7a99987d946f0be78b547ac1;Parent=S;Sampled=1"}""")]
    [InlineData("""{"message":"m","AWS-XRAY-TRACE-ID":"1-6530d7d6-7a99987d946f0be78b547ac1@S"}""")]
    [InlineData("""{"message":"m","operation_Id":"T","operation_ParentId":"S"}""")]
    [InlineData("""{"message":"m","OperationId":"T","customDimensions":{},"SpanId":"S"}""")]
    [InlineData("""{"message":"m","dd":{"trace_id":"T","span_id":"13235353014750950193"}}""")]
    [InlineData("""{"message":"m","trace_id":"134505635534320595016012693366600137409","span_id":"13235353014750950193"}""")]
    [InlineData("""{"message":"m","trace_id":134505635534320595016012693366600137409,"span_id":13235353014750950193}""")]
    public void Ids_are_found_where_loggers_put_them(string record)
    {
        string line = record.Replace("\"T\"", $"\"{Trace}\"", StringComparison.Ordinal).Replace("\"S\"", $"\"{Span}\"", StringComparison.Ordinal)
            .Replace("0xT", "0x" + Trace, StringComparison.Ordinal).Replace("0xS", "0x" + Span, StringComparison.Ordinal)
            .Replace("/T\"", $"/{Trace}\"", StringComparison.Ordinal).Replace("\"T/", $"\"{Trace}/", StringComparison.Ordinal)
            .Replace("\\\"T\\\"", $"\\\"{Trace}\\\"", StringComparison.Ordinal).Replace("\\\"S\\\"", $"\\\"{Span}\\\"", StringComparison.Ordinal)
            .Replace(":S,", $":{Span},", StringComparison.Ordinal).Replace(":T,", $":{Trace},", StringComparison.Ordinal)
            .Replace("-T-S-", $"-{Trace}-{Span}-", StringComparison.Ordinal)
            .Replace("=S;", $"={Span};", StringComparison.Ordinal).Replace("@S\"", $"@{Span}\"", StringComparison.Ordinal);
        ReadSource read = ReadSource.Of($"{line}\n{line}");

        Assert.Empty(read.Statistics.Rejections);
        Assert.All(read.Spans, span => Assert.Equal((Trace, Span, "m"), (span.TraceId, span.SpanId, span.Event)));
        Assert.Equal(2, read.Spans.Count);
    }

    [Theory]
    [InlineData("""{"dd.trace_id":"14573057136609150318","dd.span_id":"3508281263120843023"}""")]
    [InlineData("""{"dd":{"trace_id":"14573057136609150318","span_id":"3508281263120843023"}}""")]
    [InlineData("""{"mdc":{"dd.trace_id":"14573057136609150318","dd.span_id":"3508281263120843023"}}""")]
    [InlineData("""{"trace_id":"14573057136609150318","span_id":"3508281263120843023"}""")]
    [InlineData("""{"trace_id":14573057136609150318,"span_id":3508281263120843023}""")]
    [InlineData("""{"span_id":"3508281263120843023","context":{"trace_id":"14573057136609150318"}}""")]
    public void Decimal_ids_are_those_of_the_same_number(string record)
    {
        ReadSpan line = ReadSource.Of(record).Only;

        Assert.Equal((14573057136609150318.ToString("x32", CultureInfo.InvariantCulture), 3508281263120843023.ToString("x16", CultureInfo.InvariantCulture)), (line.TraceId, line.SpanId));
    }

    [Fact]
    public void Records_with_decimal_and_hexadecimal_ids_may_alternate()
    {
        string[] lines = ["""{"trace_id":"14573057136609150318","span_id":"1234567890123456"}""", """{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"1234567890123456"}"""];
        ReadSource read = ReadSource.Of(string.Join('\n', lines.Concat(lines)));

        Assert.Equal(["000462d53c8abac0", "1234567890123456", "000462d53c8abac0", "1234567890123456"], read.Spans.Select(span => span.SpanId));
    }

    [Theory]
    [InlineData("""{"dd.trace_id":"ca3de6411f0f456e"}""")]
    [InlineData("""{"operation_Id":"|abc.1_","message":"trace"}""")]
    [InlineData("""{"context":{"trace_id":"0"}}""")]
    [InlineData("""{"otelTraceID":"0","otelSpanID":"0"}""")]
    public void What_names_no_trace_is_refused(string record)
    {
        ReadSource read = ReadSource.Of(record);

        Assert.Empty(read.Spans);
        Assert.NotEmpty(read.Rejection.Reason);
    }

    [Theory]
    [InlineData("\"service\":{\"name\":\"shop\"}")]
    [InlineData("\"service.name\":\"shop\"")]
    [InlineData("\"dd.service\":\"shop\"")]
    [InlineData("\"dd\":{\"service\":\"shop\",\"env\":\"prod\"}")]
    [InlineData("\"Application\":\"shop\"")]
    [InlineData("\"Properties\":{\"Application\":\"shop\"}")]
    [InlineData("\"kubernetes\":{\"labels\":{\"app.kubernetes.io/name\":\"shop\"},\"container_name\":\"main\"}")]
    [InlineData("\"kubernetes\":{\"labels\":{\"app\":\"shop\"},\"pod_name\":\"shop-1\"}")]
    [InlineData("\"kubernetes\":{\"container_name\":\"shop\"}")]
    [InlineData("\"serviceContext\":{\"service\":\"shop\"}")]
    [InlineData("\"resource\":{\"type\":\"cloud_run_revision\",\"labels\":{\"service_name\":\"shop\"}}")]
    [InlineData("\"cloud_RoleName\":\"shop\"")]
    [InlineData("\"AppRoleName\":\"shop\"")]
    public void The_service_is_found_where_platforms_name_it(string field)
    {
        Assert.Equal("shop", ReadSource.Of($"{{\"trace_id\":\"{Trace}\",\"msg\":\"m\",{field}}}").Only.Service);
        Assert.Equal("own", ReadSource.Of($"{{\"trace_id\":\"{Trace}\",{field},\"msg\":\"m\",\"service\":\"own\"}}").Only.Service);
    }
}
