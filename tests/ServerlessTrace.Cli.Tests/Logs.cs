namespace ServerlessTrace.Cli.Tests;

/// <summary>Span-log lines of small traces.</summary>
internal static class Logs
{
    public const string Failing = "0af7651916cd43dd8448eb211c80319c";
    public const string Fine = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// <summary>Starts a second before <see cref="Failing"/>: 100 ms, one span.</summary>
    public static string[] FineTrace { get; } =
    [
        $$$"""{"timestamp":"2026-02-26T17:59:59.100Z","level":"INFO","service":"auth-service","trace_id":"{{{Fine}}}","span_id":"00f067aa0ba902b7","span_name":"login","span_kind":"SERVER","event":"span_end","duration_ms":100,"status":"OK","attributes":{"user_id":"user-7"}}""",
    ];

    /// <summary>The gateway's records of <see cref="Failing"/>: the root of 1234 ms, and the call that the payment service answers.</summary>
    public static string[] Gateway { get; } =
    [
        $$$"""{"timestamp":"2026-02-26T18:00:00Z","level":"INFO","service":"api-gateway","trace_id":"{{{Failing}}}","span_id":"c8be7c825a934b7d","span_name":"request_received","span_kind":"SERVER","event":"span_start","duration_ms":0,"attributes":{"user_id":"user-123"}}""",
        $$$"""{"timestamp":"2026-02-26T18:00:00.100Z","level":"INFO","service":"api-gateway","trace_id":"{{{Failing}}}","span_id":"1111111111111111","parent_span_id":"c8be7c825a934b7d","span_name":"pay","span_kind":"CLIENT","event":"span_start","attributes":{}}""",
        $$$"""{"timestamp":"2026-02-26T18:00:01.200Z","level":"ERROR","service":"api-gateway","trace_id":"{{{Failing}}}","span_id":"1111111111111111","parent_span_id":"c8be7c825a934b7d","span_name":"pay","span_kind":"CLIENT","event":"span_end","duration_ms":1100,"status":"ERROR","attributes":{}}""",
        $$$"""{"timestamp":"2026-02-26T18:00:01.234Z","level":"ERROR","service":"api-gateway","trace_id":"{{{Failing}}}","span_id":"c8be7c825a934b7d","span_name":"request_received","span_kind":"SERVER","event":"span_end","duration_ms":1234,"status":"ERROR","attributes":{}}""",
    ];

    /// <summary>The payment service's record of <see cref="Failing"/>.</summary>
    public static string[] Payment { get; } =
    [
        $$$"""{"timestamp":"2026-02-26T18:00:01.190Z","level":"ERROR","service":"payment-service","trace_id":"{{{Failing}}}","span_id":"b7ad6b7169203331","parent_span_id":"1111111111111111","span_name":"process_payment","span_kind":"SERVER","event":"span_end","duration_ms":1080,"status":"ERROR","error_code":"PAYMENT_GATEWAY_TIMEOUT","error_message":"Payment gateway timeout after 1000ms","attributes":{"order_id":"ord-789","amount":99.99}}""",
    ];
}
