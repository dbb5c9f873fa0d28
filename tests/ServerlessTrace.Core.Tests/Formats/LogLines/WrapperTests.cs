using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.LogLines;

/// <summary>What log shippers, runtimes and log stores make of span logs, taken off again.</summary>
public sealed class WrapperTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>A start and an end as they were logged, of which each wrapper below makes something else.</summary>
    private static string Start => $$"""{"timestamp":"2026-02-26T18:00:00Z","service":"pay","trace_id":"{{Trace}}","span_id":"b7ad6b7169203331","span_name":"charge","event":"span_start"}""";

    private static string End => $$"""{"timestamp":"2026-02-26T18:00:00.123Z","service":"pay","trace_id":"{{Trace}}","span_id":"b7ad6b7169203331","span_name":"charge","event":"span_end","duration_ms":123}""";

    private static string Text(string text) => JsonSerializer.Serialize(text);

    /// <summary>Each makes a source of the two records.</summary>
    public static TheoryData<string> Wrappers => [.. Wraps.Keys];

    private static readonly Dictionary<string, Func<string, string, string>> Wraps = new()
    {
        ["Docker"] = Lines(log => $$"""{"log":{{Text(log + "\n")}},"stream":"stdout","time":"2026-02-26T18:00:01Z"}"""),
        ["Docker, the line break cut off"] = Lines(log => $$"""{"log":{{Text(log)}},"stream":"stdout","time":"2026-02-26T18:00:01Z"}"""),
        ["Docker, attributes first"] = Lines(log => $$"""{"attrs":{"tag":"x"},"time":"2026-02-26T18:00:01Z","stream":"stderr","log":{{Text(log + "\r\n")}}}"""),
        ["Fluent Bit, CRI parser"] = Lines(log => $$$"""{"@timestamp":"2026-02-26T18:00:01Z","time":"2026-02-26T18:00:01Z","stream":"stdout","logtag":"F","log":{{{Text(log)}}},"kubernetes":{"pod_name":"a"}}"""),
        ["Fluent Bit, forward"] = (start, end) => $$"""[[1772128800.1,{}],{"log":{{Text(start)}}}][[1772128800.2,{}],{"log":{{Text(end)}}}]""",
        ["Fluentd"] = Lines(log => $$"""{"container_id":"abc","container_name":"/pay-1","source":"stdout","log":{{Text(log)}}}"""),
        ["Vector"] = Lines(log => $$"""{"file":"/var/log/pods/x.log","kubernetes":{"pod_name":"pay-1"},"message":{{Text(log)}},"source_type":"kubernetes_logs","timestamp":"2026-02-26T18:00:01Z"}"""),
        ["Vector, in an array over lines"] = (start, end) => $"[\n  {{\n    \"message\": {Text(start)},\n    \"host\": \"h\"\n  }},\n  {{\n    \"message\": {Text(end)}\n  }}\n]\n",
        ["Logstash"] = Lines(log => $$$"""{"@version":"1","@timestamp":"2026-02-26T18:00:01Z","host":{"name":"h"},"message":{{{Text(log)}}},"event":{"original":{{{Text(log)}}}} }"""),
        ["Filebeat in Elasticsearch"] = Lines(log => $$$"""{"_index":"filebeat","_id":"1","_source":{"@timestamp":"2026-02-26T18:00:01Z","message":{{{Text(log)}}},"agent":{"type":"filebeat"} } }"""),
        ["Elasticsearch, hits of records"] = (start, end) => $$$"""{"took":5,"hits":{"total":{"value":2},"hits":[{"_source":{{{start}}}},{"_id":"2","_source":{{{end}}}}]}}""",
        ["Loki, push"] = (start, end) => $$$"""{"streams":[{"stream":{"app":"pay"},"values":[["1772128800000000000",{{{Text(start)}}}],["1772128800123000000",{{{Text(end)}}},{"detected_level":"info"}]]}]}""",
        ["Loki, query"] = (start, end) => $$$"""{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"pay"},"values":[["1772128800123000000",{{{Text(end)}}}],["1772128800000000000",{{{Text(start)}}}]]}],"stats":{}} }""",
        ["logcli"] = Lines(log => $$"""{"labels":{"app":"pay"},"line":{{Text(log)}},"timestamp":"2026-02-26T18:00:01Z"}"""),
        ["Grafana"] = (start, end) => $$$"""[{"line":{{{Text(start)}}},"timestamp":"1772128800000000000","fields":{}},{"line":{{{Text(end)}}},"timestamp":"1772128800000000000","fields":{}}]""",
        ["Splunk"] = (start, end) => $$"""{"time":1772128800.1,"host":"h","source":"x","event":{{start}}}{"time":1772128800.2,"event":{{Text(end)}}}""",
        ["Azure Functions"] = Lines(log => $$$"""{"time":"2026-02-26T18:00:01Z","resourceId":"/SUBSCRIPTIONS/X/SITES/PAY","category":"FunctionAppLogs","operationName":"Microsoft.Web/sites/functions/log","level":"Informational","properties":{"appName":"pay","message":{{{Text(log)}}},"category":"Function.Charge.User"}}"""),
        ["Azure Functions, single quotes"] = Lines(log => $$$"""{"time":"2026-02-26T18:00:01Z","category":"FunctionAppLogs","properties":{{{Text($"{{'appName':'pay','message':'{log}','category':'Function.Charge.User','levelId':2}}")}}} }"""),
        ["Log Analytics, rows before the name"] = (start, end) => $$"""{"tables":[{"columns":[{"name":"Log"}],"rows":[[{{Text(start)}}],[{{Text(end)}}]],"name":"PrimaryResult"}]}""",
        ["Event Hubs"] = (start, end) => $$"""{"records":[{"time":"2026-02-26T18:00:01Z","category":"AppServiceConsoleLogs","resultDescription":{{Text(start)}}},{"category":"AppServiceConsoleLogs","resultDescription":{{Text(end)}}}]}""",
        ["AKS"] = Lines(log => $$"""{"TimeGenerated":"2026-02-26T18:00:01Z","PodName":"pay-1","ContainerName":"pay","LogMessage":{{log}},"LogSource":"stdout","Type":"ContainerLogV2"}"""),
        ["Container Apps, query of Log Analytics"] = (start, end) => $$"""{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"Log_s","type":"string"}],"rows":[["2026-02-26T18:00:01Z",{{Text(start)}}],["2026-02-26T18:00:01Z",{{Text(end)}}]]}]}""",
        ["Azure CLI, query of Log Analytics"] = (start, end) => $$"""[{"Log_s":{{Text(start)}},"TableName":"PrimaryResult"},{"Log_s":{{Text(end)}},"TableName":"PrimaryResult"}]""",
        ["CloudWatch subscription"] = (start, end) => Subscription(start) + Subscription(end),
        ["CloudWatch, logs of a container"] = (start, end) => Subscription($$$"""{"log":{{{Text(start)}}},"kubernetes":{}}""") + "\n" + Subscription($$$"""{"log":{{{Text(end)}}},"kubernetes":{}}"""),
        ["CloudWatch, get-log-events"] = (start, end) => $$"""{"events":[{"timestamp":1772128800000,"message":{{Text(start)}},"ingestionTime":1},{"timestamp":1772128800000,"message":{{Text(end)}}}],"nextForwardToken":"f"}""",
        ["CloudWatch Insights"] = (start, end) => $$"""{"results":[[{"field":"@timestamp","value":"2026-02-26 18:00:00.000"},{"field":"@message","value":{{Text(start)}}}],[{"field":"@message","value":{{Text(end)}}}]],"status":"Complete"}""",
        ["Lambda, text"] = (start, end) => $"START RequestId: 1 Version: $LATEST\n2026-02-26T18:00:00.000Z\t52fdfc07-2182-154f\tINFO\t{start}\n2026-02-26T18:00:00.000Z\t52fdfc07-2182-154f\tINFO\t{end}\n",
        ["Lambda, JSON"] = Lines(log => $$"""{"timestamp":"2026-02-26T18:00:01Z","level":"INFO","requestId":"52fdfc07","message":{{log}}}"""),
        ["Google Cloud, text"] = Lines(log => $$$"""{"insertId":"1","textPayload":{{{Text(log)}}},"timestamp":"2026-02-26T18:00:01Z","resource":{"type":"cloud_run_revision","labels":{"service_name":"x"} } }"""),
        ["Google Cloud, JSON"] = (start, end) => $$"""[{"insertId":"1","jsonPayload":{{start}},"trace":"projects/p/traces/11111111111111111111111111111111","timestamp":"2026-02-26T18:00:01Z"},{"jsonPayload":{{end}}}]""",
        ["journald"] = Lines(log => $$"""{"__REALTIME_TIMESTAMP":"1772128800000000","_SYSTEMD_UNIT":"pay.service","MESSAGE":{{Text(log)}}}"""),
        ["an unknown name"] = Lines(log => $$"""{"whatever":{{Text(log)}},"n":1}"""),
        ["an unknown list"] = (start, end) => $$"""{"version":3,"things":[{{start}},{{end}}]}""",
        ["three deep"] = Lines(log => $$"""{"message":{{Text($$"""{"log":{{Text($"2026-02-26T18:00:01Z stdout F INFO {log}\n")}},"stream":"stdout"}""")}}}"""),
        ["CRI"] = Lines(log => $"2026-02-26T18:00:01.123456789Z stdout F {log}"),
        ["CRI, of a log shipper's own"] = Lines(log => $$"""2026-02-26T18:00:01.123456789Z stderr F {"message":{{Text(log)}}}"""),
    };

    private static Func<string, string, string> Lines(Func<string, string> wrap) => (start, end) => wrap(start) + "\n" + wrap(end) + "\n";

    private static string Subscription(string message) =>
        $$"""{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"/aws/lambda/charge","logStream":"s","subscriptionFilters":["f"],"logEvents":[{"id":"3","timestamp":1772128800000,"message":{{Text(message + "\n")}}}]}""";

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void What_wraps_records_is_taken_off(string wrapper)
    {
        string content = Wraps[wrapper](Start, End);
        ReadSource read = ReadSource.Of(content);

        Assert.Equal(["charge", "charge"], read.Spans.Where(span => span.Flags.HasFlag(Core.Spans.SpanFlags.Started) || span.Flags.HasFlag(Core.Spans.SpanFlags.Ended)).Select(span => span.Name));
        Assert.All(read.Spans, span => Assert.Equal((Trace, "pay"), (span.TraceId, span.Service)));
        Assert.Equal(wrapper == "Lambda, text" ? 1 : 0, read.Statistics.Rejected);
        Assert.Equal(read.Describe(), ReadSource.Of(new OneByteStream(Encoding.UTF8.GetBytes(content))).Describe());
        Assert.Equal(read.Describe(), ReadSource.Of(content, limits: new ReadLimits { SpansPerBatch = 1 }).Describe());
    }

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void Wrapped_records_among_bare_ones_are_found(string wrapper)
    {
        // Among bare records a line that begins with two brackets and a number is no JSON.
        if (wrapper == "Fluent Bit, forward")
        {
            return;
        }

        string bare = Start.Replace("charge", "bare", StringComparison.Ordinal);
        ReadSource read = ReadSource.Of($"{bare}\n{Wraps[wrapper](Start, End)}\n{bare}\n");

        Assert.Equal(["bare", "bare", "charge", "charge"], read.Spans.Select(span => span.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void A_mark_and_line_breaks_of_any_system_mean_nothing(string wrapper)
    {
        string content = Wraps[wrapper](Start, End);
        string[] variants = ["\uFEFF" + content, content + "\uFEFF" + content, content.Replace("\n", "\r\n", StringComparison.Ordinal), "\n\n" + content + "\n\n"];
        string plain = string.Join('\n', ReadSource.Of(content).Spans.Select(span => span.ToString()).Distinct());

        Assert.All(variants, variant => Assert.Equal(plain, string.Join('\n', ReadSource.Of(variant).Spans.Select(span => span.ToString()).Distinct())));
    }

    [Fact]
    public void A_record_that_says_no_more_than_its_wrapper_gets_time_service_and_trace_from_there()
    {
        ReadSource read = ReadSource.Of($$$"""
            {"log":"{\"trace_id\":\"{{{Trace}}}\",\"msg\":\"docker\"}\n","stream":"stdout","time":"2026-02-26T18:00:01Z","kubernetes":{"labels":{"app":"shop"} } }
            {"jsonPayload":{"message":"google"},"trace":"projects/p/traces/{{{Trace}}}","spanId":"b7ad6b7169203331","timestamp":"2026-02-26T18:00:01Z","resource":{"labels":{"service_name":"shop"} } }
            {"textPayload":"google text","trace":"projects/p/traces/{{{Trace}}}","timestamp":"2026-02-26T18:00:01Z","resource":{"labels":{"service_name":"shop"} } }
            2026-02-26T18:00:01Z stdout F {"trace_id":"{{{Trace}}}","msg":"cri","service":"shop"}
            """);

        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(["docker", "google", "google text", "cri"], read.Spans.Select(span => span.Event));
        Assert.All(read.Spans, span => Assert.Equal((Trace, "shop", 1772128801000000000), (span.TraceId, span.Service, span.EventTime)));
        Assert.Equal("b7ad6b7169203331", read.Spans[1].SpanId);
    }

    [Theory]
    [InlineData("2026-02-26 18:00:01.000  INFO [shop,0af7651916cd43dd8448eb211c80319c,b7ad6b7169203331] 1 --- [main] c.Shop : sold")]
    [InlineData("2026-02-26T18:00:01Z  INFO 1 --- [shop] [main] [0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331] c.Shop : sold, service=shop")]
    [InlineData("2026-02-26 18:00:01,000 INFO [app] [main.py:8] [trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 resource.service.name=shop trace_sampled=True] - sold")]
    [InlineData("ts=2026-02-26T18:00:01Z level=info service=shop traceID=0af7651916cd43dd8448eb211c80319c spanID=b7ad6b7169203331 msg=\"sold\"")]
    [InlineData("[2026-02-26T18:00:01Z] INFO service=shop traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 sold")]
    [InlineData("2026-02-26T18:00:01Z => SpanId:b7ad6b7169203331, TraceId:0af7651916cd43dd8448eb211c80319c, ParentId:0000000000000000 service=shop sold")]
    [InlineData("2026-02-26T18:00:01Z [dd.service=shop dd.env=prod dd.trace_id=9532127138774266268 dd.span_id=13235353014750950193] sold")]
    [InlineData("2026-02-26T18:00:01Z service=shop XRAY TraceId: 1-0af76519-16cd43dd8448eb211c80319c\tSegmentId: x\tspan_id: b7ad6b7169203331 sold")]
    public void A_line_of_text_with_a_trace_in_it_is_an_event(string line)
    {
        foreach (string content in new[] { line, $"x\n{line}\n", $"{Start}\n{line}", $$"""{"log":{{Text(line)}},"stream":"stdout"}""", $$"""{"message":{{Text(line)}}}""" })
        {
            ReadSpan read = Assert.Single(ReadSource.Of(content).Spans, span => span.Event is not null);
            Assert.Equal(("8448eb211c80319c", "b7ad6b7169203331", "shop", 1772128801000000000), (read.TraceId[16..], read.SpanId, read.Service, read.EventTime));
            Assert.Contains("sold", read.Event, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bad_and_plain_lines_take_no_other_with_them_and_keep_their_places()
    {
        string[] lines =
        [
            $$"""{"log":{{Text(Start)}},"stream":"stdout","_p":"F"}""",
            $$"""{"log":{{Text(Start[..60])}},"stream":"stdout","_p":"F"}""",
            $$"""{"log":"listening on 80","stream":"stdout","_p":"F"}""",
            """{"log":"cut of""",
            "plain text",
            $$"""{"log":{{Text(End)}},"stream":"stdout","_p":"F"}""",
            """{"log":"{\"message\":\"no ids\"}","stream":"stdout","_p":"F"}""",
        ];
        ReadSource read = ReadSource.Of(string.Join('\n', lines) + "\n");

        Assert.Equal(2, read.Spans.Count);
        Assert.Equal([2, 3, 4, 5, 7], read.Statistics.Rejections.Select(rejection => rejection.Line).Order());
        Assert.All(read.Statistics.Rejections, rejection => Assert.Equal(lines.Take((int)rejection.Line - 1).Sum(line => line.Length + 1), rejection.Offset));
    }

    [Fact]
    public void A_bad_record_in_a_document_costs_itself_and_its_line_is_true()
    {
        string document = $"{{\n \"records\": [\n  {{\"resultDescription\": {Text(Start)}}},\n  {{\"resultDescription\": tru}},\n  {{\"resultDescription\": {Text(Start[..50])}}},\n  {{\"resultDescription\": {Text(End)}}}\n ]\n}}\n";
        ReadSource read = ReadSource.Of(document);

        Assert.Equal(2, read.Spans.Count);
        Assert.Equal([4, 5], read.Statistics.Rejections.Select(rejection => rejection.Line).Order());

        ReadSource fine = ReadSource.Of(document.Replace("tru}", "\"text\"}", StringComparison.Ordinal));
        Assert.Equal([4, 5], fine.Statistics.Rejections.Select(rejection => rejection.Line).Order());
    }

    [Theory]
    [InlineData("\"_p\":\"P\"", "\"_p\":\"F\"")]
    [InlineData("\"logtag\":\"P\"", "\"logtag\":\"F\"")]
    [InlineData("\"partial_message\":\"true\"", "\"partial_message\":\"false\"")]
    [InlineData("\"time\":\"t\"", "\"time\":\"t\"")]
    public void Parts_of_a_line_are_joined_container_by_container(string partial, string full)
    {
        string Part(string text, string stream, string tag, string end) => $$"""{"log":{{Text(text + end)}},"stream":"{{stream}}",{{tag}}}""";
        ReadSource read = ReadSource.Of(string.Join('\n',
            Part(Start[..70], "stdout", partial, ""),
            Part(End[..40], "stderr", partial, ""),
            Part(Start[70..], "stdout", full, "\n"),
            Part(End[40..], "stderr", full, "\n")));

        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(2, read.Spans.Count);
    }

    [Fact]
    public void Parts_under_another_name_than_log_are_joined_where_a_tag_says_that_they_are_some()
    {
        string Part(string text, string tag) => $$"""{"time":"2026-02-26T18:00:01Z","stream":"stdout","logtag":"{{tag}}","message":{{Text(text)}}}""";
        ReadSource read = ReadSource.Of(string.Join('\n', Part(Start[..50], "P"), Part(Start[50..], "F"), Part(End, "F")));

        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(2, read.Spans.Count);
    }

    [Theory]
    [InlineData("""{"streams":[{"stream":{"app":"shop"},"values":[["1772128801000000000","m",{"trace_id":"T","span_id":"S"}]]}]}""")]
    [InlineData("""{"streams":[{"stream":{"app":"shop"},"values":[["1772128801000000000","m",{"traceID":"T","spanID":"S","detected_level":"info"}]]}]}""")]
    [InlineData("""{"data":{"result":[{"stream":{"app":"shop","trace_id":"T","span_id":"S"},"values":[["1772128801000000000","m"]]}]}}""")]
    [InlineData("""{"data":{"result":[{"stream":{"app":"shop","trace_id":"T","span_id":"S"},"values":[["1772128801000000000","{\"msg\":\"m\"}"]]}]}}""")]
    [InlineData("""{"log":"m\n","stream":"stdout","time":"2026-02-26T18:00:01Z","trace":"projects/p/traces/T","spanId":"S","kubernetes":{"labels":{"app":"shop"}}}""")]
    public void A_line_of_text_is_an_event_where_what_wraps_it_names_its_trace(string line)
    {
        ReadSpan found = ReadSource.Of(line.Replace("T\"", Trace + "\"", StringComparison.Ordinal).Replace("\"S\"", "\"b7ad6b7169203331\"", StringComparison.Ordinal)).Only;

        Assert.Equal((Trace, "b7ad6b7169203331", "m", "shop", 1772128801000000000), (found.TraceId, found.SpanId, found.Event, found.Service, found.EventTime));
    }

    [Fact]
    public void A_span_of_Gos_exporter_keeps_its_service_where_it_is_wrapped()
    {
        string span = $$$"""{"Name":"work","SpanContext":{"TraceID":"{{{Trace}}}","SpanID":"b7ad6b7169203331"},"Parent":{"TraceID":"00000000000000000000000000000000","SpanID":"0000000000000000"},"SpanKind":2,"StartTime":"2026-02-26T18:00:00Z","EndTime":"2026-02-26T18:00:01Z","Status":{"Code":"Error"},"Resource":[{"Key":"service.name","Value":{"Type":"STRING","Value":"shop"}}]}""";
        ReadSpan found = ReadSource.Of($$"""{"log":{{Text(span)}},"stream":"stdout"}""").Only;

        Assert.Equal(("shop", "work", SpanKind.Server, SpanStatus.Error), (found.Service, found.Name, found.Kind, found.Status));
    }

    [Fact]
    public void A_document_that_was_logged_over_lines_is_one_and_a_broken_one_takes_no_other_with_it()
    {
        string document = $$"""
            {
              "name": "work",
              "context": {
                "trace_id": "0x{{Trace}}",
                "span_id": "0xb7ad6b7169203331"
              },
              "parent_id": null,
              "start_time": "2026-02-26T18:00:00Z",
              "end_time": "2026-02-26T18:00:01Z"
            }
            """;
        string[] lines = [.. document.Split('\n').Prepend("{").Select(line => $$"""{"log":{{Text(line + "\n")}},"stream":"stdout"}""")];
        ReadSource read = ReadSource.Of(string.Join('\n', lines));

        Assert.Equal(("work", 1_000_000_000), (read.Only.Name, read.Only.End - read.Only.Start));
        Assert.Equal(1, read.Rejection.Line);
    }

    [Fact]
    public void A_part_without_its_rest_is_rejected_where_it_is()
    {
        string[] lines = [.. new[] { Start[..70], End, Start }.Select(log => $$"""{"log":{{Text(log)}},"stream":"stdout"}""")];
        ReadSource read = ReadSource.Of(string.Join('\n', lines));

        Assert.Equal(2, read.Spans.Count);
        Assert.Equal(1, read.Rejection.Line);
    }

    [Fact]
    public void A_document_longer_than_a_record_may_be_is_read_record_by_record()
    {
        StringBuilder rows = new();
        for (int i = 0; i < 3000; i++)
        {
            rows.Append(i > 0 ? ",\n" : "").Append($"[\"2026-02-26T18:00:01Z\",{Text(End.Replace("b7ad6b71", $"{i + 1:x8}", StringComparison.Ordinal))}]");
        }

        string table = $"{{\"tables\":[{{\"name\":\"PrimaryResult\",\"columns\":[{{\"name\":\"TimeGenerated\"}},{{\"name\":\"Log_s\"}}],\"rows\":[\n{rows}]}}]}}";
        ReadSource read = ReadSource.Of(table, limits: new ReadLimits { RecordBytes = 20_000 });
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(3000, read.Spans.Count);

        string records = $"{{\"records\":[{string.Join(",\n", Enumerable.Range(1, 3000).Select(i => i == 1000 ? "{\"resultDescription\":7}" : $"{{\"resultDescription\":{Text(End)}}}"))}]}}";
        read = ReadSource.Of(records, limits: new ReadLimits { RecordBytes = 20_000 });
        Assert.Equal((2999, 1000), (read.Spans.Count, (int)read.Rejection.Line));
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-8", true)]
    public void Content_with_a_mark_may_be_of_any_encoding(string encoding, bool mark)
    {
        Encoding of = Encoding.GetEncoding(encoding);
        string content = $"{Start}\r\n\r\n{End.Replace("charge", "prélèvement", StringComparison.Ordinal)}\r\n";
        ReadSource read = ReadSource.Of([.. mark ? of.GetPreamble() : [], .. of.GetBytes(content)]);

        Assert.Equal(["charge", "prélèvement"], read.Spans.Select(span => span.Name));
        Assert.Empty(read.Statistics.Rejections);
    }

    [Fact]
    public void Wrapped_documents_are_read_as_what_they_are()
    {
        const string Otlp = """{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":"6530d7d67a99987d946f0be78b547ac1","spanId":"5917146c1d45991b","name":"otlp","startTimeUnixNano":"1697700000000000000","endTimeUnixNano":"1697700000900000000"}]}]}]}""";
        const string Zipkin = """{"traceId":"5982fe77008310cc80f1da5e10147517","id":"bd7a977555f6b982","name":"zipkin","timestamp":1458702548467000,"duration":386000,"localEndpoint":{"serviceName":"shop"}}""";
        ReadSource read = ReadSource.Of($"{{\"log\":{Text(Otlp)},\"stream\":\"stdout\"}}\n{{\"log\":{Text(Zipkin)},\"stream\":\"stdout\"}}\n{{\"message\":{Text(Start)}}}\n");

        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(["charge", "otlp", "zipkin"], read.Spans.Select(span => span.Name).Order());
    }
}
