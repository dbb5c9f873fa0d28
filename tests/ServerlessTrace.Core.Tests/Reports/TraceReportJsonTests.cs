using System.Buffers;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Reports;

public class TraceReportJsonTests
{
    [Fact]
    public void A_report_has_exactly_the_contracts_properties_in_order()
    {
        JsonElement report = Report(SampleTraces.FailedPayment());

        Assert.Equal(
            "traceId startTime durationMs status sealed revision root spanCount services spans criticalPath errors insights business warnings",
            Properties(report));
        Assert.Equal("service operation spanId", Properties(report.GetProperty("root")));
        Assert.Equal("name spans errors selfTimeMs", Properties(report.GetProperty("services")[0]));
        Assert.Equal("spanId parentSpanId service name kind startUnixNano endUnixNano selfTimeNs status", Properties(report.GetProperty("spans")[0]));
        Assert.Equal("mode sections exclusive", Properties(report.GetProperty("criticalPath")));
        Assert.Equal("spanId startUnixNano endUnixNano", Properties(report.GetProperty("criticalPath").GetProperty("sections")[0]));
        Assert.Equal("service operation ns", Properties(report.GetProperty("criticalPath").GetProperty("exclusive")[0]));
        Assert.Equal("spanId service operation code message rootCause", Properties(report.GetProperty("errors")[0]));
        Assert.Equal("kind spanIds costMs text recommendation", Properties(report.GetProperty("insights")[0]));
        Assert.Equal("kind text", Properties(report.GetProperty("warnings")[0]));
    }

    [Fact]
    public void In_detail_spans_have_slack_and_drag_and_errors_their_stack_and_cause()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "root", 0, 100).Failed("no money")
            .Span(2, "bank", "charge", 10, 70, parent: 1).Failed("no money", "DECLINED").With("stack_trace", "at charge()")
            .Span(3, "mail", "send", 10, 40, parent: 1)
            .Span(4, "mail", "receive", 200, 300, parent: 1).Build();
        JsonElement report = JsonDocument.Parse(Write(trace, detailed: true)).RootElement;

        Assert.Equal("spanId parentSpanId service name kind startUnixNano endUnixNano selfTimeNs status slackNs dragNs", Properties(report.GetProperty("spans")[0]));
        Assert.Equal(["0", "0", "30000000", null], report.GetProperty("spans").EnumerateArray().Select(static span => span.GetProperty("slackNs").GetString()));
        Assert.Equal(["100000000", "30000000", "0", "0"], report.GetProperty("spans").EnumerateArray().Select(static span => span.GetProperty("dragNs").GetString()));
        JsonElement error = report.GetProperty("errors")[0];
        Assert.Equal("spanId service operation code message rootCause stackTrace recovered causedBy", Properties(error));
        Assert.Equal(("at charge()", false, "0000000000000002"), (error.GetProperty("stackTrace").GetString(), error.GetProperty("recovered").GetBoolean(), error.GetProperty("causedBy").GetString()));
        Assert.Equal("0000000000000002", report.GetProperty("errors")[1].GetProperty("causedBy").GetString());
    }

    [Fact]
    public void Times_are_texts_and_milliseconds_are_numbers()
    {
        JsonElement report = Report(SampleTraces.FailedPayment());

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", report.GetProperty("traceId").GetString());
        Assert.Equal("2026-02-26T18:00:00.000000000Z", report.GetProperty("startTime").GetString());
        Assert.Equal(1600.0, report.GetProperty("durationMs").GetDouble());
        Assert.Equal("ERROR", report.GetProperty("status").GetString());
        Assert.True(report.GetProperty("sealed").GetBoolean());
        Assert.Equal(3, report.GetProperty("revision").GetInt32());
        JsonElement root = report.GetProperty("spans")[0];
        Assert.Equal(JsonValueKind.Null, root.GetProperty("parentSpanId").ValueKind);
        Assert.Equal("SERVER", root.GetProperty("kind").GetString());
        Assert.Equal("1772128800000000000", root.GetProperty("startUnixNano").GetString());
        Assert.Equal("1772128801234000000", root.GetProperty("endUnixNano").GetString());
        Assert.Equal("19123000", root.GetProperty("selfTimeNs").GetString());
        Assert.Equal("0000000000000001", report.GetProperty("spans")[1].GetProperty("parentSpanId").GetString());
    }

    [Fact]
    public void The_root_cause_is_the_first_failure_at_the_bottom()
    {
        JsonElement[] errors = [.. Report(SampleTraces.FailedPayment()).GetProperty("errors").EnumerateArray()];

        Assert.Equal(4, errors.Length);
        JsonElement cause = Assert.Single(errors, static error => error.GetProperty("rootCause").GetBoolean());
        Assert.Equal("0000000000000005", cause.GetProperty("spanId").GetString());
        Assert.Equal("PAYMENT_GATEWAY_TIMEOUT", cause.GetProperty("code").GetString());
        Assert.Equal("Payment gateway timeout after 340ms", cause.GetProperty("message").GetString());
    }

    [Fact]
    public void Business_values_keep_their_type()
    {
        JsonElement business = Report(SampleTraces.FailedPayment()).GetProperty("business");

        Assert.Equal("""{"user_id":"user-123","order_id":"ord-789","amount":99.99,"payment_method":"credit_card"}""", business.GetRawText());
    }

    [Fact]
    public void An_open_span_has_no_end_and_an_open_root_no_critical_path()
    {
        JsonElement report = Report(new TraceBuilder().Span(1, "a", "op", 0, null).Build());

        Assert.Equal(JsonValueKind.Null, report.GetProperty("criticalPath").ValueKind);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("spans")[0].GetProperty("endUnixNano").ValueKind);
        Assert.Equal("INCOMPLETE", report.GetProperty("status").GetString());
    }

    [Fact]
    public void A_trace_of_events_alone_has_no_root()
    {
        var builder = new TraceBuilder().Span(1, "a", "op", 0, 0).Event("seen", 5);
        builder.Flush()[0].Flags = SpanFlags.None;

        JsonElement report = Report(builder.Build());

        Assert.Equal(JsonValueKind.Null, report.GetProperty("root").ValueKind);
        Assert.Equal(0, report.GetProperty("spanCount").GetInt32());
        Assert.Equal("no-span", report.GetProperty("warnings")[0].GetProperty("kind").GetString());
    }

    [Fact]
    public void A_field_can_neither_break_the_json_nor_become_html()
    {
        string json = Encoding.UTF8.GetString(Write(new TraceBuilder().Span(1, "</script><script>", "\"\u0007\n\u001b[31mü", 0, 1).Build()));

        Assert.DoesNotContain('<', json);
        Assert.DoesNotContain('\u001b', json);
        Assert.Contains('ü', json);
        JsonElement span = JsonDocument.Parse(json).RootElement.GetProperty("spans")[0];
        Assert.Equal("</script><script>", span.GetProperty("service").GetString());
        Assert.Equal("\"\u0007\n\u001b[31mü", span.GetProperty("name").GetString());
    }

    [Fact]
    public void Many_reports_make_one_array()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, TraceReportJson.Options))
        {
            writer.WriteStartArray();
            TraceReportJson.Write(writer, new TraceAnalysis(SampleTraces.FailedPayment()), isSealed: true, revision: 1);
            TraceReportJson.Write(writer, new TraceAnalysis(SampleTraces.FailedPayment()), isSealed: false, revision: 0);
            writer.WriteEndArray();
        }

        JsonElement array = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal(2, array.GetArrayLength());
        Assert.False(array[1].GetProperty("sealed").GetBoolean());
    }

    private static JsonElement Report(Trace trace) => JsonDocument.Parse(Write(trace)).RootElement;

    private static byte[] Write(Trace trace, bool detailed = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        TraceReportJson.Write(buffer, new TraceAnalysis(trace), isSealed: true, revision: 3, detailed);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Properties(JsonElement element) => string.Join(' ', element.EnumerateObject().Select(static property => property.Name));
}
