using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.XRay;

public sealed class XRayTests
{
    private const string Segment =
        """
        {"name":"checkout","id":"53995c3f42cd8ad8","trace_id":"1-58406520-a006649127e371903a2de979","start_time":1480615200.010,"end_time":1480615200.510,
         "origin":"AWS::Lambda::Function","service":{"version":"7"},"user":"u-1","http":{"request":{"method":"POST","url":"https://shop/pay","client_ip":"1.2.3.4"},"response":{"status":502}},
         "fault":true,"annotations":{"order_id":"ord-1","n":5,"ok":true},"metadata":{"default":{"k":[1]}},
         "cause":{"working_directory":"/var/task","exceptions":[{"id":"1","type":"TimeoutError","message":"too slow","stack":[{"path":"a.js","line":10,"label":"pay"},{"path":"b.js","line":2,"label":"main"}]}]},
         "subsegments":[
           {"id":"53995c3f42cd8ad1","name":"charge","start_time":1480615200.020,"end_time":1480615200.5,"subsegments":[
             {"id":"53995c3f42cd8ad2","name":"DynamoDB","namespace":"aws","start_time":1480615200.030,"end_time":1480615200.1,"aws":{"operation":"PutItem","region":"eu-west-1","table_name":"orders"}},
             {"id":"53995c3f42cd8ad3","name":"api.bank.example","namespace":"remote","start_time":1480615200.2,"in_progress":true,"sql":{"sanitized_query":"SELECT 1","database_type":"PostgreSQL"}}]}]}
        """;

    [Fact]
    public void A_segment_and_its_subsegments_are_spans()
    {
        var read = ReadSource.Of(Segment);
        Assert.Equal((SourceFormat.XRay, 0), (read.Statistics.Format, read.Statistics.Rejected));
        Assert.All(read.Spans, static span => Assert.Equal("58406520a006649127e371903a2de979", span.TraceId));
        Assert.All(read.Spans, static span => Assert.Equal("checkout", span.Service));
        Assert.Equal(
            ["checkout Server 0000000000000000", "charge Internal 53995c3f42cd8ad8", "DynamoDB Client 53995c3f42cd8ad1", "api.bank.example Client 53995c3f42cd8ad1"],
            read.Spans.Select(static span => $"{span.Name} {span.Kind} {span.ParentSpanId}"));
        ReadSpan root = read.Spans[0];
        Assert.Equal((SpanStatus.Error, "too slow", 500_000_000), (root.Status, root.StatusMessage, root.End - root.Start));
        Assert.Equal(("int64 502", "POST", "ord-1", "int64 5", "u-1"), (root.Attributes["http.response.status_code"], root.Attributes["http.request.method"], root.Attributes["order_id"], root.Attributes["n"], root.Attributes["user.id"]));
        Assert.Equal(("exception", "TimeoutError", "pay (a.js:10)\nmain (b.js:2)"), (root.Event, root.EventAttributes["exception.type"], root.EventAttributes["exception.stacktrace"]));
        Assert.Equal(("DynamoDB", "orders"), (read.Spans[2].Attributes["peer.service"], read.Spans[2].Attributes["aws.dynamodb.table_name"]));
        Assert.Equal(SpanFlags.Started, read.Spans[3].Flags & (SpanFlags.Started | SpanFlags.Ended));
    }

    [Fact]
    public void Segments_are_read_behind_the_daemons_header_and_as_texts_in_an_answer()
    {
        string quoted = System.Text.Json.JsonSerializer.Serialize(Segment);
        var answer = ReadSource.Of($$$"""{"Traces":[{"Id":"1-58406520-a006649127e371903a2de979","Duration":0.5,"Segments":[{"Id":"53995c3f42cd8ad8","Document":{{{quoted}}}},{"Id":"x","Document":"{"}]}]}""");
        Assert.Equal((SourceFormat.XRay, 4, 1), (answer.Statistics.Format, answer.Spans.Count, answer.Statistics.Rejected));
        var datagrams = ReadSource.Of($"{{\"format\": \"json\", \"version\": 1}}\n{Segment}\n{{\"format\": \"json\", \"version\": 1}}\n{Segment}\n");
        Assert.Equal((SourceFormat.XRay, 8, 0), (datagrams.Statistics.Format, datagrams.Spans.Count, datagrams.Statistics.Rejected));
    }

    [Fact]
    public void A_subsegment_on_its_own_hangs_on_its_parent()
    {
        ReadSpan span = ReadSource.Of("""{"trace_id":"1-58406520-a006649127e371903a2de979","id":"53995c3f42cd8ad4","parent_id":"53995c3f42cd8ad8","type":"subsegment","name":"S3","namespace":"aws","start_time":1480615200,"end_time":1480615201}""").Only;
        Assert.Equal(("53995c3f42cd8ad8", SpanKind.Client), (span.ParentSpanId, span.Kind));
    }

    [Theory]
    [InlineData("""{"trace_id":"1-58406520","id":"53995c3f42cd8ad4","name":"x","start_time":1,"end_time":2}""", "no trace id")]
    [InlineData("""{"trace_id":"1-58406520-a006649127e371903a2de979","id":"","name":"x","start_time":1,"end_time":2}""", "no span id")]
    public void A_segment_without_ids_is_rejected(string segment, string reason) =>
        Assert.Contains(reason, ReadSource.Of(Segment + "\n" + segment).Rejection.Reason, StringComparison.Ordinal);
}
