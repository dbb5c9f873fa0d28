using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>What the fields of a record mean, in every spelling.</summary>
public class SpanLogFieldTests
{
    private const string Ids = "\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"span_id\":\"b7ad6b7169203331\"";
    private const string Time = "\"timestamp\":\"2026-02-26T18:00:00Z\"";
    private const long SixPm = 1_772_128_800_000_000_000;

    [Theory]
    [InlineData("""{"trace_id":"1","span_id":"2","parent_span_id":"3","span_name":"n","span_kind":"CLIENT","event":"span_end","duration_ms":1.5,"timestamp":1772128800,"service_name":"s"}""")]
    [InlineData("""{"traceId":"1","spanId":"2","parentSpanId":"3","spanName":"n","spanKind":"SPAN_KIND_CLIENT","event":"spanEnd","durationMs":"1.5","time":"1772128800","serviceName":"s"}""")]
    [InlineData("""{"trace.id":"1","span.id":"2","parent.id":"3","span.name":"n","span.kind":3,"event":"span.end","duration_us":1500,"@timestamp":1772128800000,"service.name":"s"}""")]
    [InlineData("""{"TraceId":"1","SpanId":"2","parent_id":"3","operation":"n","kind":"client","event":"SPAN_END","duration_ns":1500000,"ts":1772128800000000,"service":"s"}""")]
    [InlineData("""{"trace":{"id":"1"},"span":{"id":"2","name":"n","kind":"client"},"parent":{"id":"3"},"event":"span_end","durationMs":1.5,"end_time":"1772128800000000000","service":{"name":"s"}}""")]
    [InlineData("""{"traceparent":"00-00000000000000000000000000000001-0000000000000002-01","parentId":"3","name":"n","kind":"3","event":"span_end","duration_us":1500.0,"timestamp":1.7721288e9,"resource":{"service.name":"s"}}""")]
    [InlineData("""{"trace_id":"1","span_id":"2","parent_span_id":"3","name":"n","kind":"CLIENT","duration_ms":1.5,"timestamp":"2026-02-26 18:00:00","resource.service.name":"s"}""")]
    [InlineData("""{"trace_id":"1","span_id":"2","parent_span_id":"3","name":"n","kind":"CLIENT","duration_ms":1.5,"timestamp":"2026-02-26t19:00:00.000+01:00","resource":{"attributes":{"service.name":"s"}}}""")]
    [InlineData("""{"trace_id":"1","span_id":"2","parent_span_id":"3","name":"n","kind":"CLIENT","duration_ms":1.5,"timestamp":"2026-02-26T12:30:00-0530","resource.attributes.service.name":"s"}""")]
    public void Every_spelling_means_the_same(string record) => Assert.Equal(
        "00000000000000000000000000000001 0000000000000002 0000000000000003 0 1772128800000000000 1500000 's' 'n' Client Unset '' '' Ended [] []  0 []",
        ReadSource.Of(record).Only.ToString().Replace("Ended, TimeIsAmbiguous", "Ended", StringComparison.Ordinal));

    [Theory]
    [InlineData("\"2026-02-26T18:00:00.123456789Z\"", 123_456_789)]
    [InlineData("\"2026-02-26T18:00:00.1234567891234Z\"", 123_456_789)]
    [InlineData("\"2026-02-26T18:00:00,5z\"", 500_000_000)]
    [InlineData("\"2026-02-26 18:00:00.000001 +00:00\"", 1000)]
    [InlineData("\"2026-02-26T18:00:00\"", 0)]
    [InlineData("\"2026-02-26T17:59:60Z\"", 0)]
    [InlineData("1772128800.123456789", 123_456_789)]
    [InlineData("\"1772128800.25\"", 250_000_000)]
    [InlineData("1772128800123", 123_000_000)]
    [InlineData("1772128800123.5", 123_500_000)]
    [InlineData("1772128800123456", 123_456_000)]
    [InlineData("1772128800123456789", 123_456_789)]
    public void Times_are_exact(string time, long nano) =>
        Assert.Equal(SixPm + nano, ReadSource.Of($"{{{Ids},\"event\":\"span_end\",\"timestamp\":{time}}}").Only.End);

    [Fact]
    public void Times_of_one_minute_are_read_alike_however_they_are_written()
    {
        string[] times = ["2026-02-26T18:00:01Z", "2026-02-26T18:00:02.5Z", "2026-02-26T18:00:03+00:00", "2026-02-26T18:00:04.123456789Z", "2026-02-26T18:00:05-01:00", "2026-02-26T18:00:06.7"];
        string lines = string.Join("\n", times.Select(t => $"{{{Ids},\"event\":\"span_end\",\"timestamp\":\"{t}\"}}"));

        Assert.Equal(
            [1_000_000_000, 2_500_000_000, 3_000_000_000, 4_123_456_789, 3_605_000_000_000, 6_700_000_000],
            ReadSource.Of(lines).Spans.Select(s => s.End - SixPm));
    }

    [Theory]
    [InlineData("\"yesterday\"")]
    [InlineData("\"2026-02-30T18:00:00Z\"")]
    [InlineData("\"2026-02-26T25:00:00Z\"")]
    [InlineData("\"2026-02-26T18:00:00+99:00\"")]
    [InlineData("\"2026-02-26T18:00:00.Z\"")]
    [InlineData("\"1900-02-26T18:00:00Z\"")]
    [InlineData("\"9999-02-26T18:00:00Z\"")]
    [InlineData("-5")]
    [InlineData("99999999999999999999999")]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("{\"seconds\":5}")]
    public void A_bad_time_is_rejected_with_what_would_be_right(string time)
    {
        ReadSource read = ReadSource.Of($"{{{Ids},\"event\":\"span_end\",\"timestamp\":{time}}}");

        Assert.Empty(read.Spans);
        Assert.Contains("timestamp", read.Rejection.Reason, StringComparison.Ordinal);
        Assert.Contains("expected RFC 3339", read.Rejection.Reason.Replace("expected expected", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"trace_id\":\"xyz\",\"span_id\":\"1\"", "trace_id 'xyz' is not hexadecimal: expected 1 to 32 hex digits, not all zeros")]
    [InlineData("\"trace_id\":\"0\",\"span_id\":\"1\"", "trace_id '0' is not hexadecimal: expected 1 to 32 hex digits, not all zeros")]
    [InlineData("\"trace_id\":\"00000000000000000000000000000000\",\"span_id\":\"1\"", "trace_id is all zeros: expected the id of a trace")]
    [InlineData("\"trace_id\":\"0af7651916cd43dd8448eb211c80319cff\",\"span_id\":\"1\"", "trace_id '0af7651916cd43dd8448eb211c80319cff' is not hexadecimal: expected 1 to 32 hex digits, not all zeros")]
    [InlineData("\"trace_id\":[5],\"span_id\":\"1\"", "trace_id [5] is of the wrong type: expected a string of up to 32 hex digits")]
    [InlineData("\"span_id\":\"1\"", "no trace_id: expected a field trace_id of 32 hex digits, or a traceparent")]
    [InlineData("\"trace_id\":null,\"span_id\":\"1\"", "no trace_id: expected a field trace_id of 32 hex digits, or a traceparent")]
    [InlineData("\"traceparent\":\"00-abc\"", "traceparent '00-abc' is not W3C Trace Context: expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>")]
    public void A_bad_trace_id_is_rejected_with_what_would_be_right(string ids, string reason) =>
        Assert.Equal(reason, ReadSource.Of($"{{{Time},\"event\":\"span_end\",{ids}}}").Rejection.Reason);

    [Theory]
    [InlineData("span_start")]
    [InlineData("span_end")]
    public void A_start_or_end_without_a_time_is_rejected(string kind) =>
        Assert.StartsWith($"no timestamp: a {kind} needs one", ReadSource.Of($"{{{Ids},\"event\":\"{kind}\"}}").Rejection.Reason, StringComparison.Ordinal);

    [Fact]
    public void Ids_are_padded_and_may_be_upper_case_or_a_uuid()
    {
        Assert.Equal("00000000000000000000000000000abc", ReadSource.Of($"{{\"trace_id\":\"ABC\",{Time}}}").Only.TraceId);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", ReadSource.Of($"{{\"trace_id\":\"0AF76519-16CD-43DD-8448-EB211C80319C\",{Time}}}").Only.TraceId);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", ReadSource.Of($"{{\"trace_id\":\"0AF7651916CD43DD8448EB211C80319C\",{Time}}}").Only.TraceId);
    }

    [Fact]
    public void A_parent_of_zeros_or_null_is_none()
    {
        Assert.Equal("0000000000000000", ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_end\",\"parent_span_id\":\"0000000000000000\"}}").Only.ParentSpanId);
        Assert.Equal("0000000000000000", ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_end\",\"parent_span_id\":null}}").Only.ParentSpanId);
        Assert.Equal("0000000000000000", ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_end\",\"parent_span_id\":\"\"}}").Only.ParentSpanId);
    }

    [Fact]
    public void A_complete_span_needs_no_event()
    {
        ReadSpan timed = ReadSource.Of($"{{{Ids},\"name\":\"n\",\"start_time\":\"2026-02-26T18:00:00Z\",\"end_time\":\"2026-02-26T18:00:01Z\"}}").Only;
        Assert.Equal((SixPm, SixPm + 1_000_000_000, SpanFlags.Started | SpanFlags.Ended | SpanFlags.ServiceFromSource), (timed.Start, timed.End, timed.Flags));

        ReadSpan measured = ReadSource.Of($"{{{Ids},{Time},\"startTime\":1772128800,\"durationMs\":250}}").Only;
        Assert.Equal((SixPm, SixPm + 250_000_000, SpanFlags.Started | SpanFlags.Ended | SpanFlags.ServiceFromSource), (measured.Start, measured.End, measured.Flags));

        ReadSpan ended = ReadSource.Of($"{{{Ids},{Time},\"duration_ms\":250}}").Only;
        Assert.Equal((0, SixPm, 250_000_000, SpanFlags.Ended | SpanFlags.TimeIsAmbiguous | SpanFlags.ServiceFromSource), (ended.Start, ended.End, ended.Duration, ended.Flags));
    }

    [Fact]
    public void A_span_event_is_an_event_of_its_span()
    {
        ReadSpan span = ReadSource.Of($$"""{{{Ids}},{{Time}},"event":"span_event","span_name":"charge","event_name":"retry","message":"again","attributes":{"attempt":2},"order_id":"o","correlation_id":"c"}""").Only;

        Assert.Equal(SpanFlags.ServiceFromSource, span.Flags);
        Assert.Equal("charge", span.Name);
        Assert.Equal(("retry", SixPm), (span.Event, span.EventTime));
        Assert.Equal(["attempt", "message", "order_id"], span.EventAttributes.Keys);
        Assert.Equal(["correlation_id"], span.Attributes.Keys);
        Assert.Equal([AttributeRank.During], span.Ranks);
        Assert.Equal("renamed", ReadSource.Of($"{{{Ids},\"event\":\"span_event\",\"name\":\"renamed\"}}").Only.Event);
        Assert.Equal("said", ReadSource.Of($"{{{Ids},\"event\":\"span_event\",\"message\":\"said\"}}").Only.Event);
    }

    [Fact]
    public void A_span_error_fails_its_span_and_is_an_exception_event()
    {
        ReadSpan span = ReadSource.Of($$"""{{{Ids}},{{Time}},"event":"span_error","error_code":"E1","error_message":"boom","stack_trace":"at x"}""").Only;

        Assert.Equal((SpanStatus.Error, "boom", "exception"), (span.Status, span.StatusMessage, span.Event));
        Assert.Equal("E1", span.EventAttributes["exception.type"]);
        Assert.Equal("boom", span.EventAttributes["exception.message"]);
        Assert.Equal("at x", span.EventAttributes["exception.stacktrace"]);
        Assert.False(span.Flags.HasFlag(SpanFlags.Ended));
    }

    [Fact]
    public void Other_log_lines_are_events_of_the_span_or_of_the_trace()
    {
        ReadSpan ofSpan = ReadSource.Of($$"""{{{Ids}},{{Time}},"level":"WARN","msg":"cache miss","logger":"a.b"}""").Only;
        Assert.Equal(("b7ad6b7169203331", "cache miss"), (ofSpan.SpanId, ofSpan.Event));
        Assert.Equal(["level", "logger"], ofSpan.EventAttributes.Keys);

        ReadSpan ofTrace = ReadSource.Of($$"""{"trace_id":"1",{{Time}},"message":"seen","request_id":"r"}""").Only;
        Assert.Equal(("0000000000000000", "seen"), (ofTrace.SpanId, ofTrace.Event));
        Assert.Equal("r", ofTrace.EventAttributes["request_id"]);

        Assert.Equal("order_placed", ReadSource.Of($$"""{{{Ids}},{{Time}},"event":"order_placed","message":"m"}""").Only.Event);
    }

    [Fact]
    public void Attributes_keep_their_types()
    {
        ReadSpan span = ReadSource.Of($$$"""{{{{Ids}}},{{{Time}}},"event":"span_start","attributes":{"s":"a\n\u00e9\ud83d\ude00\"","i":-42,"big":123456789012345678901234567890,"max":9223372036854775807,"d":1e-3,"huge":1e999,"t":true,"f":false,"n":null,"o":{"a":[1, 2]},"l":["x"]},"user_id":"u-1"}""").Only;

        Assert.Equal("a\né😀\"", span.Attributes["s"]);
        Assert.Equal("int64 -42", span.Attributes["i"]);
        Assert.Equal("123456789012345678901234567890", span.Attributes["big"]);
        Assert.True(span.Flags.HasFlag(SpanFlags.OddNumber));
        Assert.Equal("int64 9223372036854775807", span.Attributes["max"]);
        Assert.Equal("double 0.001", span.Attributes["d"]);
        Assert.Equal("json 1e999", span.Attributes["huge"]);
        Assert.Equal("bool True", span.Attributes["t"]);
        Assert.Equal("bool False", span.Attributes["f"]);
        Assert.Equal("json null", span.Attributes["n"]);
        Assert.Equal("json {\"a\":[1, 2]}", span.Attributes["o"]);
        Assert.Equal("json [\"x\"]", span.Attributes["l"]);
        Assert.Equal("u-1", span.Attributes["user_id"]);
    }

    [Fact]
    public void Of_duplicate_names_the_last_wins()
    {
        ReadSpan span = ReadSource.Of($$"""{"trace_id":"zz",{{Ids}},{{Time}},"event":"span_event","event":"span_start","a":1,"attributes":{"a":2,"b":1,"b":"x"},"c":1,"c":true}""").Only;

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId);
        Assert.True(span.Flags.HasFlag(SpanFlags.Started));
        Assert.Equal(("int64 2", "x", "bool True"), (span.Attributes["a"], span.Attributes["b"], span.Attributes["c"]));
    }

    [Fact]
    public void A_source_may_invent_names_as_it_goes()
    {
        string lines = string.Concat(Enumerable.Range(0, 12_000).Select(i => $"{{{Ids},\"event\":\"span_end\",{Time},\"error_code\":\"e{i}\",\"attributes\":{{\"error.type\":1,\"k{i}\":{i},\"k{i}\":\"v{i}\"}}}}\n"));
        ReadSource read = ReadSource.Of(lines);

        for (int i = 0; i < read.Spans.Count; i++)
        {
            Assert.Equal($"[error.type, e{i}] [k{i}, v{i}]", string.Join(' ', read.Spans[i].Attributes));
        }

        Assert.Equal(12_000, read.Spans.Count);
    }

    [Theory]
    [InlineData("""{"user":"u 1","tier":"gold"}""")]
    [InlineData("\"user=u%201;p=1, tier = gold ,,=,junk\"")]
    public void Baggage_is_an_object_or_a_header(string baggage)
    {
        ReadSpan span = ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_start\",\"baggage\":{baggage}}}").Only;

        Assert.Equal("[baggage:tier, gold] [baggage:user, u 1]", string.Join(' ', span.Attributes));
    }

    [Fact]
    public void Resource_and_environment_describe_the_resource()
    {
        string record = $$$"""{{{{Ids}}},{{{Time}}},"event":"span_start","resource":{"service.name":"s","host.name":"h","attributes":{"cloud.region":"eu"}},"environment":"production","X-Correlation-ID":"c","Request-Id":"r"}""";
        ReadSpan span = ReadSource.Of($"{record}\n{record}").Spans[1];

        Assert.Equal("s", span.Service);
        Assert.Equal("[cloud.region, eu] [deployment.environment.name, production] [host.name, h]", string.Join(' ', span.Resource));
        Assert.Equal("[correlation_id, c] [request_id, r]", string.Join(' ', span.Attributes));
    }

    [Theory]
    [InlineData("\"service\":\"a\",\"resource\":{\"service.name\":\"b\"}", "a")]
    [InlineData("\"resource\":{\"service.name\":\"b\"},\"service\":\"a\"", "a")]
    [InlineData("\"attributes\":{\"service.name\":\"c\"},\"resource.service.name\":\"b\"", "b")]
    [InlineData("\"attributes\":{\"service.name\":\"c\"}", "c")]
    [InlineData("\"service\":\"\"", "payment-service")]
    [InlineData("\"service\":null", "payment-service")]
    public void The_service_comes_from_the_best_field(string fields, string service) =>
        Assert.Equal(service, ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_end\",{fields}}}").Only.Service);

    [Theory]
    [InlineData("logs/2026/payment-service-1.ndjson.gz", "payment-service-1")]
    [InlineData("api.prod.log", "api.prod")]
    [InlineData("app.log.3", "app")]
    [InlineData("C:\\logs\\db.txt", "db")]
    [InlineData("worker.trace", "worker")]
    [InlineData("-", "unknown")]
    [InlineData("span-logs", "span-logs")]
    public void The_service_of_last_resort_is_the_source_s_base_name(string source, string service)
    {
        ReadSource read = ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_end\"}}", source);

        Assert.Equal(service, read.Only.Service);
        Assert.Equal(1, read.Statistics.ServiceFromSource);
    }

    [Theory]
    [InlineData("\"OK\"", SpanStatus.Ok)]
    [InlineData("\"STATUS_CODE_ERROR\"", SpanStatus.Error)]
    [InlineData("\"failed\"", SpanStatus.Error)]
    [InlineData("2", SpanStatus.Error)]
    [InlineData("{\"code\":1}", SpanStatus.Ok)]
    [InlineData("{\"code\":\"ERROR\",\"message\":\"m\"}", SpanStatus.Error)]
    [InlineData("500", SpanStatus.Unset)]
    [InlineData("\"pending\"", SpanStatus.Unset)]
    public void Statuses_are_words_or_numbers(string status, SpanStatus expected) =>
        Assert.Equal(expected, ReadSource.Of($"{{{Ids},{Time},\"event\":\"span_end\",\"status\":{status}}}").Only.Status);

    [Fact]
    public void Text_that_is_not_utf8_is_repaired()
    {
        byte[] record = System.Text.Encoding.Latin1.GetBytes($"{{{Ids},{Time},\"event\":\"span_start\",\"caf\u00e9\":\"na\u00efve\",\"o\":{{\"\u00e9\":1}},\"u\":\"\\ud800\"}}");
        ReadSpan span = ReadSource.Of(record).Only;

        Assert.Equal("na\uFFFDve", span.Attributes["caf\uFFFD"]);
        Assert.Equal("json {\"\uFFFD\":1}", span.Attributes["o"]);
        Assert.Equal("\uFFFD", span.Attributes["u"]);
    }
}
