using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>The span logs of the reference, verbatim.</summary>
public class ReferenceExamplesTests
{
    private const long SixPm = 1_772_128_800_000_000_000;

    private const string Basic = """
        {
        "timestamp": "2026-02-26T18:00:00Z",
        "level": "INFO",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "span_name": "process_payment",
        "span_kind": "SERVER",
        "event": "span_start",
        "duration_ms": 0,
        "attributes": {
        "order_id": "ord-789",
        "payment_method": "credit_card",
        "amount": 99.99
        }
        }
        {
        "timestamp": "2026-02-26T18:00:00.123Z",
        "level": "INFO",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "span_name": "process_payment",
        "span_kind": "SERVER",
        "event": "span_end",
        "duration_ms": 123,
        "status": "OK",
        "attributes": {
        "order_id": "ord-789",
        "payment_id": "pay-456",
        "gateway_response": "success"
        }
        }
        """;

    private const string Error = """
        {
        "timestamp": "2026-02-26T18:00:00Z",
        "level": "ERROR",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "span_name": "process_payment",
        "span_kind": "SERVER",
        "event": "span_end",
        "duration_ms": 5123,
        "status": "ERROR",
        "error_code": "PAYMENT_GATEWAY_TIMEOUT",
        "error_message": "Payment gateway timeout after 5000ms",
        "stack_trace": "...",
        "attributes": {
        "order_id": "ord-789",
        "retry_count": 3,
        "gateway": "stripe"
        }
        }
        """;

    private const string Nested = """
        {
        "timestamp": "2026-02-26T18:00:00Z",
        "level": "INFO",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "parent_span_id": "c8be7c825a934b7d",
        "span_name": "charge_card",
        "span_kind": "INTERNAL",
        "event": "span_start",
        "duration_ms": 0,
        "attributes": {
        "order_id": "ord-789",
        "card_last4": "4242"
        }
        }
        """;

    private const string Message = """
        {
        "headers": {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "correlation_id": "tx-123456"
        },
        "body": {
        "order_id": "ord-789",
        "amount": 99.99
        }
        }
        """;

    [Fact]
    public void A_span_is_started_and_ended_by_two_records()
    {
        ReadSource read = ReadSource.Of(Basic);

        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(2, read.Spans.Count);
        ReadSpan start = read.Spans[0];
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", start.TraceId);
        Assert.Equal("b7ad6b7169203331", start.SpanId);
        Assert.Equal("process_payment", start.Name);
        Assert.Equal("payment-service", start.Service);
        Assert.Equal(SpanKind.Server, start.Kind);
        Assert.Equal(SpanFlags.Started | SpanFlags.ServiceFromSource, start.Flags);
        Assert.Equal(SixPm, start.Start);
        Assert.Equal(0, start.End);
        Assert.Null(start.Duration);
        Assert.Equal([AttributeRank.Start], start.Ranks);
        Assert.Equal("double 99.99", start.Attributes["amount"]);
        Assert.Equal("credit_card", start.Attributes["payment_method"]);
        Assert.Equal("INFO", start.Attributes["level"]);

        ReadSpan end = read.Spans[1];
        Assert.Equal(SpanFlags.Ended | SpanFlags.ServiceFromSource, end.Flags);
        Assert.Equal(0, end.Start);
        Assert.Equal(SixPm + 123_000_000, end.End);
        Assert.Equal(123_000_000, end.Duration);
        Assert.Equal(SpanStatus.Ok, end.Status);
        Assert.Equal([AttributeRank.End], end.Ranks);
        Assert.Equal("pay-456", end.Attributes["payment_id"]);
        Assert.Equal(2, read.Statistics.ServiceFromSource);
        Assert.Equal(SourceFormat.SpanLog, read.Statistics.Format);
    }

    [Fact]
    public void A_failed_span_keeps_code_message_and_stack_trace()
    {
        ReadSpan span = ReadSource.Of(Error).Only;

        Assert.Equal(SpanStatus.Error, span.Status);
        Assert.Equal("Payment gateway timeout after 5000ms", span.StatusMessage);
        Assert.Equal("PAYMENT_GATEWAY_TIMEOUT", span.Attributes["error.type"]);
        Assert.Equal("...", span.Attributes["exception.stacktrace"]);
        Assert.Equal("int64 3", span.Attributes["retry_count"]);
        Assert.Equal(5_123_000_000, span.Duration);
        Assert.Null(span.Event);
    }

    [Fact]
    public void A_nested_span_knows_its_parent()
    {
        ReadSpan span = ReadSource.Of(Nested).Only;

        Assert.Equal("c8be7c825a934b7d", span.ParentSpanId);
        Assert.Equal(SpanKind.Internal, span.Kind);
        Assert.Equal("4242", span.Attributes["card_last4"]);
    }

    [Fact]
    public void A_message_with_a_business_payload_is_an_event_of_the_span_in_its_headers()
    {
        ReadSpan span = ReadSource.OfMessage(Message).Only;

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId);
        Assert.Equal("b7ad6b7169203331", span.SpanId);
        Assert.Equal(SpanFlags.ServiceFromSource, span.Flags);
        Assert.Equal("tx-123456", span.Attributes["correlation_id"]);
        Assert.Equal("message", span.Event);
        Assert.Equal("ord-789", span.EventAttributes["order_id"]);
        Assert.Equal("double 99.99", span.EventAttributes["amount"]);
    }

    [Fact]
    public void All_examples_together_on_lines_or_in_an_array_are_the_same()
    {
        string[] records = [.. Basic.Replace("}\n}\n{", "}\n}\0{", StringComparison.Ordinal).Split('\0'), Error, Nested, Message];
        string[] lines = [.. records.Select(r => r.ReplaceLineEndings(" "))];
        string expected = ReadSource.Of(string.Join("\n", lines)).Describe();

        Assert.Equal(expected, ReadSource.Of(string.Join("\r\n", lines)).Describe());
        Assert.Equal(expected, ReadSource.Of(string.Join("\r", lines)).Describe());
        Assert.Equal(expected, ReadSource.Of(string.Join("\n\n\n", records) + "\n").Describe());
        Assert.Equal(expected, ReadSource.Of($"[{string.Join(",\n", records)}]").Describe());
        Assert.Equal(expected, ReadSource.Of(string.Concat(lines)).Describe());
        Assert.Equal(expected, ReadSource.Of("\uFEFF" + string.Join("\n", lines)).Describe());
    }
}
