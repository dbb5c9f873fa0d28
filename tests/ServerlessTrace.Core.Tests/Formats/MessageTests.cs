using System.Text;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Queue messages: bare span logs, or an envelope; plain or base64.</summary>
public class MessageTests
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Headers = $$$"""{"Traceparent":"{{{TraceParent}}}","X-Correlation-Id":"tx","tracestate":"a=b","baggage":"tier=gold"}""";
    private const string Log = """{"span_id":"5","span_name":"n","event":"span_end","timestamp":1772128800,"duration_ms":1}""";

    [Theory]
    [InlineData("object")]
    [InlineData("array")]
    [InlineData("string")]
    [InlineData("lines")]
    public void An_envelope_s_span_logs_get_what_they_lack_from_its_headers(string kind)
    {
        string body = kind switch
        {
            "object" => Log,
            "array" => $"[{Log}]",
            "string" => System.Text.Json.JsonSerializer.Serialize(Log),
            _ => System.Text.Json.JsonSerializer.Serialize(Log + "\n"),
        };
        foreach (string message in new[] { $"{{\"headers\":{Headers},\"body\":{body}}}", $"{{\"body\":{body},\"headers\":{Headers}}}" })
        {
            foreach (string sent in new[] { message, Convert.ToBase64String(Encoding.UTF8.GetBytes(message)) })
            {
                Assert.Equal(
                    "0af7651916cd43dd8448eb211c80319c 0000000000000005 0000000000000000 0 1772128800000000000 1000000 'span-logs' 'n' Unspecified Unset '' 'a=b' Ended, ServiceFromSource [baggage:tier=gold, correlation_id=tx] []  0 []",
                    ReadSource.OfMessage(sent).Only.ToString());
            }
        }
    }

    [Fact]
    public void What_span_logs_say_themselves_stays()
    {
        ReadSpan span = ReadSource.OfMessage($$$"""{"headers":{{{Headers}}},"service":"s","body":{"trace_id":"7","span_id":"8","event":"span_start","timestamp":1772128800,"correlation_id":"own"}}""").Only;

        Assert.Equal(("00000000000000000000000000000007", "0000000000000008", "own", "s"), (span.TraceId, span.SpanId, span.Attributes["correlation_id"], span.Service));
    }

    [Theory]
    [InlineData("\"plain text\"", "body=plain text")]
    [InlineData("\"{broken\"", "body={broken")]
    [InlineData("[1,2]", "body=json [1,2]")]
    [InlineData("{\"status\":\"OK\",\"name\":\"x\",\"timestamp\":\"never\"}", "name=x,status=OK,timestamp=never")]
    [InlineData("{}", "")]
    public void Any_other_body_is_an_event_of_the_span(string body, string attributes)
    {
        ReadSpan span = ReadSource.OfMessage($"{{\"headers\":{Headers},\"body\":{body}}}").Only;

        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "message"), (span.TraceId, span.SpanId, span.Event));
        Assert.Equal(attributes, string.Join(',', span.EventAttributes.Select(a => $"{a.Key}={a.Value}")));
    }

    [Fact]
    public void Bad_records_in_a_body_are_rejected_and_the_others_kept()
    {
        ReadSource read = ReadSource.OfMessage($"{{\"headers\":{Headers},\"body\":[{Log},{{\"trace_id\":\"q\",\"event\":\"span_end\"}}]}}");

        Assert.Single(read.Spans);
        Assert.StartsWith("in the message's body: no timestamp: a span_end needs one", read.Rejection.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_without_a_trace_are_no_envelope()
    {
        Assert.StartsWith("no trace_id", ReadSource.OfMessage("""{"headers":{"a":"b"},"body":{}}""").Rejection.Reason, StringComparison.Ordinal);
        Assert.Contains("traceparent", ReadSource.OfMessage("""{"headers":{"traceparent":"x"},"body":{}}""").Rejection.Reason, StringComparison.Ordinal);

        ReadSpan request = ReadSource.Of("""{"trace_id":"1","message":"GET /","headers":{"host":"h"},"body":"b"}""").Only;
        Assert.Equal("json {\"host\":\"h\"}", request.EventAttributes["headers"]);
        Assert.Equal("b", request.EventAttributes["body"]);
    }

    [Fact]
    public void Bare_span_logs_may_be_base64_of_gzip()
    {
        using MemoryStream compressed = new();
        using (System.IO.Compression.GZipStream gzip = new(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes($"{{\"trace_id\":\"1\",{Log[1..]}\n"));
        }

        Assert.Equal("n", ReadSource.OfMessage(Convert.ToBase64String(compressed.ToArray())).Only.Name);
    }

    [Fact]
    public void A_message_that_is_neither_is_unreadable() => Assert.NotNull(ReadSource.OfMessage("hello world").Unreadable);
}
