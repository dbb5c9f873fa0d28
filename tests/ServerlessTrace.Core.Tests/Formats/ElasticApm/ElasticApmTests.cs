using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.ElasticApm;

public sealed class ElasticApmTests
{
    private const string Stream =
        """
        {"metadata":{"process":{"pid":1},"system":{"hostname":"h1","platform":"linux"},"service":{"name":"shop","version":"3","environment":"staging","node":{"configured_name":"n1"},"agent":{"name":"java","version":"1"},"language":{"name":"Java"}},"labels":{"team":"red"}}}
        {"span":{"id":"b7ad6b7169203332","trace_id":"0af7651916cd43dd8448eb211c80319c","transaction_id":"b7ad6b7169203331","parent_id":"b7ad6b7169203331","name":"SELECT FROM orders","type":"db","subtype":"postgresql","action":"query","timestamp":1772128800100000,"duration":3.25,"outcome":"success","context":{"db":{"instance":"shop","statement":"SELECT 1","type":"sql"},"destination":{"address":"db1","port":5432,"service":{"resource":"postgresql/shop","name":"","type":""}}},"stacktrace":[{"filename":"a"}]}}
        {"transaction":{"id":"b7ad6b7169203331","trace_id":"0af7651916cd43dd8448eb211c80319c","name":"GET /cart","type":"request","timestamp":1772128800000000,"duration":250,"result":"HTTP 5xx","outcome":"failure","sampled":true,"span_count":{"started":2},"context":{"tags":{"order_id":"ord-1"},"request":{"method":"GET","url":{"full":"http://shop/cart"}},"response":{"status_code":503},"user":{"id":"u1"},"service":{"name":null}}}}
        {"span":{"id":"b7ad6b7169203333","trace_id":"0af7651916cd43dd8448eb211c80319c","transaction_id":"b7ad6b7169203331","name":"SEND to mail","type":"messaging.jms","start":10,"duration":1,"context":{"message":{"queue":{"name":"mail"}},"service":{"name":"mailer","target":{"type":"jms","name":"mail"}}}}}
        {"error":{"id":"99ad6b716920333199ad6b7169203331","trace_id":"0af7651916cd43dd8448eb211c80319c","transaction_id":"b7ad6b7169203331","parent_id":"b7ad6b7169203332","timestamp":1772128800102000,"culprit":"a.b","exception":{"message":"no row","type":"NoRow","handled":false}}}
        {"metricset":{"timestamp":1772128800000000,"samples":{"a":{"value":1}}}}

        """;

    [Fact]
    public void Transactions_and_spans_are_spans_of_the_service_in_the_first_line_and_errors_events()
    {
        var read = ReadSource.Of(Stream);
        Assert.Equal((SourceFormat.ElasticApm, 4, 6L), (read.Statistics.Format, read.Spans.Count, read.Rejection.Line));
        Assert.Contains("metric", read.Rejection.Reason, StringComparison.Ordinal);
        (ReadSpan query, ReadSpan root, ReadSpan message, ReadSpan error) = (read.Spans[0], read.Spans[1], read.Spans[2], read.Spans[3]);
        Assert.Equal(("shop", "GET /cart", SpanKind.Server, SpanStatus.Error, 250_000_000), (root.Service, root.Name, root.Kind, root.Status, root.End - root.Start));
        Assert.Equal(("int64 503", "http://shop/cart", "ord-1", "u1"), (root.Attributes["http.response.status_code"], root.Attributes["url.full"], root.Attributes["order_id"], root.Attributes["user.id"]));
        Assert.Equal(("staging", "h1", "red", "n1"), (root.Resource["deployment.environment.name"], root.Resource["host.name"], root.Resource["team"], root.Resource["service.instance.id"]));
        Assert.Equal(("b7ad6b7169203331", SpanKind.Client, SpanStatus.Ok, 3_250_000), (query.ParentSpanId, query.Kind, query.Status, query.End - query.Start));
        Assert.Equal(("postgresql", "SELECT 1", "postgresql/shop"), (query.Attributes["db.system"], query.Attributes["db.query.text"], query.Attributes["peer.service"]));
        Assert.Equal(("b7ad6b7169203331", "mailer", SpanKind.Producer, 1772128800010000000), (message.ParentSpanId, message.Service, message.Kind, message.Start));
        Assert.Equal(("mail", "jms"), (message.Attributes["messaging.destination.name"], message.Attributes["messaging.system"]));
        Assert.Equal(("b7ad6b7169203332", "exception", "no row", SpanStatus.Error), (error.SpanId, error.Event, error.EventAttributes["exception.message"], error.Status));
        Assert.Equal(SpanFlags.None, error.Flags);
    }

    [Fact]
    public void The_first_line_names_the_service_without_an_agent_too()
    {
        var read = ReadSource.Of("""
            {"metadata":{"service":{"name":"shop"}}}
            {"transaction":{"id":"b7ad6b7169203331","trace_id":"0af7651916cd43dd8448eb211c80319c","name":"GET /","type":"request","timestamp":1772128800000000,"duration":250}}
            """);

        Assert.Equal(("shop", 0), (read.Only.Service, read.Statistics.Rejected));
    }

    [Theory]
    [InlineData("""{"transaction":{"id":"1","name":"x","timestamp":1,"duration":1}}""", "no trace id")]
    [InlineData("""{"span":{"trace_id":"0af7651916cd43dd8448eb211c80319c","timestamp":1772128800000000,"duration":1}}""", "no span id")]
    [InlineData("""{"span":{"id":"1","trace_id":"0af7651916cd43dd8448eb211c80319c","duration":1}}""", "no time")]
    [InlineData("""{"error":{"id":"1","exception":{"type":"x"}}}""", "no trace_id")]
    [InlineData("""{"x":{}}""", "no event")]
    public void What_belongs_to_no_trace_is_rejected(string line, string reason)
    {
        var read = ReadSource.Of(Stream + line);
        Assert.Equal((4, 2), (read.Spans.Count, read.Statistics.Rejected));
        Assert.Contains(reason, read.Statistics.Rejections[1].Reason, StringComparison.Ordinal);
    }
}
