using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>Traces that many tests look at.</summary>
public static class SampleTraces
{
    /// <summary>A payment whose card charge times out twice; a notification goes out by message, and an audit record never ends.</summary>
    public static Trace FailedPayment() => new TraceBuilder()
        .Span(1, "api-gateway", "request_received", 0, 1234, kind: SpanKind.Server, status: SpanStatus.Error).With("user_id", "user-123", AttributeScope.Baggage)
        .Span(2, "api-gateway", "auth_check", 0.123, 45, parent: 1, kind: SpanKind.Client, status: SpanStatus.Ok)
        .Span(3, "auth-service", "validate_token", 2, 40, parent: 2, kind: SpanKind.Server, status: SpanStatus.Ok)
        .Span(4, "payment-service", "process_payment", 50, 1220, parent: 1, kind: SpanKind.Server, status: SpanStatus.Error)
        .With("order_id", "ord-789").With("amount", 99.99).With("payment_method", "credit_card")
        .Span(5, "payment-service", "charge_card", 60, 400, parent: 4, kind: SpanKind.Client)
        .Failed("Payment gateway timeout after 340ms", "PAYMENT_GATEWAY_TIMEOUT").With("stack_trace", "at charge (stripe.js:42)\n\tat pay (pay.js:7)")
        .Span(6, "payment-service", "charge_card", 450, 1200, parent: 4, kind: SpanKind.Client).Failed("Payment gateway timeout after 750ms", "PAYMENT_GATEWAY_TIMEOUT").Event("retrying", 500)
        .Span(7, "payment-service", "publish_failed", 1201, 1203, parent: 4, kind: SpanKind.Producer)
        .Span(8, "notification-service", "notify_user", 1500, 1600, parent: 7, kind: SpanKind.Consumer, status: SpanStatus.Ok)
        .Span(9, "audit-service", "write_audit", 1510, null, parent: 8, kind: SpanKind.Client)
        .Build();
}
