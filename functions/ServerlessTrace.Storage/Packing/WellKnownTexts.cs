using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Texts that most traces use (OpenTelemetry's semantic conventions, the fields of span logs): packed as a number. The list belongs to
/// format version 1: it may grow at its end; nothing in it may ever change or move.
/// </summary>
internal static class WellKnownTexts
{
    private static readonly byte[][] s_texts =
    [
        .. """
        service.name service.version service.namespace service.instance.id deployment.environment deployment.environment.name
        telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version telemetry.auto.version telemetry.distro.name telemetry.distro.version
        host.name host.id host.type host.arch os.type os.description os.version process.pid process.executable.name process.executable.path
        process.command process.command_line process.owner process.runtime.name process.runtime.version process.runtime.description
        container.id container.name container.image.name container.image.tag k8s.pod.name k8s.pod.uid k8s.namespace.name k8s.node.name
        k8s.deployment.name k8s.cluster.name k8s.container.name cloud.provider cloud.platform cloud.region cloud.availability_zone
        cloud.account.id cloud.resource_id faas.name faas.version faas.instance faas.trigger faas.invocation_id faas.coldstart
        http.method http.url http.target http.host http.scheme http.status_code http.route http.user_agent http.flavor http.client_ip
        http.request_content_length http.response_content_length http.request.method http.request.body.size http.request.resend_count
        http.response.status_code http.response.body.size url.full url.path url.query url.scheme url.template user_agent.original
        server.address server.port client.address client.port network.peer.address network.peer.port network.protocol.name
        network.protocol.version network.transport network.type net.peer.name net.peer.ip net.peer.port net.host.name net.host.port
        net.transport net.sock.peer.addr net.sock.peer.port peer.service
        db.system db.system.name db.name db.namespace db.user db.statement db.query.text db.query.summary db.operation db.operation.name
        db.collection.name db.sql.table db.connection_string db.response.status_code db.redis.database_index db.rows_affected
        rpc.system rpc.service rpc.method rpc.grpc.status_code
        messaging.system messaging.destination messaging.destination.name messaging.destination_kind messaging.operation
        messaging.operation.name messaging.operation.type messaging.message.id messaging.message_id messaging.message.body.size
        messaging.message.conversation_id messaging.batch.message_count messaging.consumer.group.name messaging.kafka.message.key
        messaging.kafka.message.offset messaging.destination.partition.id
        exception exception.type exception.message exception.stacktrace exception.escaped error error.type error.code error.message
        error_code error_message error_type stack_trace stacktrace
        code.function code.function.name code.namespace code.filepath code.file.path code.lineno code.line.number thread.id thread.name
        enduser.id user.id session.id otel.scope.name otel.scope.version otel.status_code otel.status_description
        span.kind sampler.type sampler.param internal.span.format component level logger message event log.level
        order_id user_id customer_id transaction_id session_id correlation_id request_id payment_id tenant_id account_id product_id
        cart_id invoice_id shipment_id message_id job_id trace_id span_id amount currency payment_method retry_count attempt gateway
        gateway_response status card_last4 region environment outcome duration_ms item_count cache.hit queue
        GET POST PUT PATCH DELETE HEAD OPTIONS http https http/1.1 1.1 2 tcp udp ip_tcp grpc ok OK ERROR true false success failed timeout
        production staging development test SELECT INSERT UPDATE postgresql mysql redis mongodb mssql kafka rabbitmq servicebus publish
        receive process send credit_card EUR USD azure aws gcp linux opentelemetry dotnet java nodejs python go
        """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Distinct().Select(System.Text.Encoding.UTF8.GetBytes),
    ];

    private static readonly StringTable s_numbers = Number();

    public static int Count => s_texts.Length;

    public static int Longest { get; } = s_texts.Max(text => text.Length);

    public static ReadOnlySpan<byte> Text(int number) => s_texts[number];

    /// <summary>The number of a text, or a negative number if it is not well known.</summary>
    public static int Find(ReadOnlySpan<byte> utf8) => utf8.IsEmpty || utf8.Length > Longest ? -1 : Math.Max(s_numbers.Find(utf8), 0) - 1;

    private static StringTable Number()
    {
        StringTable numbers = new();
        foreach (byte[] text in s_texts)
        {
            numbers.Add(text);
        }

        return numbers;
    }
}
