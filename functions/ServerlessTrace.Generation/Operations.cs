using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>The services of a shop and what they do.</summary>
internal static class Operations
{
    public const int Gateway = 0;
    public const int Auth = 1;
    public const int Order = 2;
    public const int Payment = 3;
    public const int Inventory = 4;
    public const int Notification = 5;
    public const int Shipping = 6;
    public const int Scheduler = 7;
    public const int Database = 8;

    public static string[] Services { get; } =
    [
        "api-gateway", "auth-service", "order-service", "payment-service", "inventory-service",
        "notification-service", "shipping-service", "scheduler", "database",
    ];

    public static byte[][] ServiceNames { get; } = Array.ConvertAll(Services, Utf8);

    public static Failure GatewayTimeout { get; } = new(
        "PAYMENT_GATEWAY_TIMEOUT",
        "Payment gateway timeout after 5000ms",
        "PaymentGatewayTimeoutError: Payment gateway timeout after 5000ms\n    at StripeClient.charge (/app/src/gateways/stripe.js:118:13)\n" +
        "    at async chargeCard (/app/src/payments/charge.js:64:20)\n    at async processPayment (/app/src/payments/process.js:41:18)",
        504);

    public static Failure CardDeclined { get; } = new(
        "CARD_DECLINED",
        "The issuer declined the card: insufficient_funds",
        "CardDeclinedError: The issuer declined the card: insufficient_funds\n    at StripeClient.charge (/app/src/gateways/stripe.js:131:13)\n" +
        "    at async chargeCard (/app/src/payments/charge.js:64:20)",
        402);

    public static Failure OutOfStock { get; } = new(
        "OUT_OF_STOCK",
        "Not enough stock to reserve the item",
        "shop.inventory.OutOfStockException: Not enough stock to reserve the item\n\tat shop.inventory.StockService.reserve(StockService.java:87)\n" +
        "\tat shop.inventory.ReservationController.post(ReservationController.java:52)",
        409);

    public static Failure Deadlock { get; } = new(
        "40P01",
        "deadlock detected",
        "org.postgresql.util.PSQLException: ERROR: deadlock detected\n\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)\n" +
        "\tat org.postgresql.jdbc.PgStatement.execute(PgStatement.java:490)",
        500);

    public static Failure InvalidCredentials { get; } = new(
        "INVALID_CREDENTIALS",
        "The password does not match",
        "Traceback (most recent call last):\n  File \"/app/auth/login.py\", line 73, in authenticate\n    raise InvalidCredentials(user_id)\n" +
        "auth.errors.InvalidCredentials: The password does not match",
        401);

    public static Failure MailRefused { get; } = new(
        "SMTP_451",
        "451 4.7.1 Greylisted, try again later",
        "smtplib.SMTPDataError: (451, b'4.7.1 Greylisted, try again later')\n  File \"/app/notify/mail.py\", line 44, in send",
        503);

    public static Operation PostCheckout { get; } = Endpoint(Gateway, "POST /checkout", "POST", "/checkout", 900);
    public static Operation GetProducts { get; } = Endpoint(Gateway, "GET /products", "GET", "/products", 500);
    public static Operation PostLogin { get; } = Endpoint(Gateway, "POST /login", "POST", "/login", 400);
    public static Operation PostRefund { get; } = Endpoint(Gateway, "POST /orders/{id}/refund", "POST", "/orders/{id}/refund", 600);
    public static Operation GetHealth { get; } = Endpoint(Gateway, "GET /health", "GET", "/health", 150);

    public static Operation CallAuth { get; } = Caller(Gateway, "auth_check", "POST", "/v1/tokens/validate", Auth);
    public static Operation CallLogin { get; } = Caller(Gateway, "login", "POST", "/v1/sessions", Auth);
    public static Operation CallOrder { get; } = Caller(Gateway, "place_order", "POST", "/v1/orders", Order);
    public static Operation CallCatalog { get; } = Caller(Gateway, "list_products", "GET", "/v1/products", Inventory);
    public static Operation CallPayment { get; } = Caller(Gateway, "pay", "POST", "/v1/payments", Payment);
    public static Operation CallRefund { get; } = Caller(Gateway, "refund", "POST", "/v1/refunds", Payment);
    public static Operation CallReserve { get; } = Caller(Order, "reserve_stock", "PUT", "/v1/stock/{sku}/reservations", Inventory);
    public static Operation CallOrderPayment { get; } = Caller(Order, "pay_order", "POST", "/v1/payments", Payment);
    public static Operation CallReconcile { get; } = Caller(Scheduler, "reconcile_item", "GET", "/v1/stock/{sku}", Inventory);

    public static Operation ValidateToken { get; } = Endpoint(Auth, "validate_token", "POST", "/v1/tokens/validate", 700);
    public static Operation CreateSession { get; } = Endpoint(Auth, "create_session", "POST", "/v1/sessions", 45_000, InvalidCredentials);
    public static Operation CreateOrder { get; } = Endpoint(Order, "create_order", "POST", "/v1/orders", 2_500);
    public static Operation ListProducts { get; } = Endpoint(Inventory, "list_products", "GET", "/v1/products", 1_800);
    public static Operation ReserveStock { get; } = Endpoint(Inventory, "reserve_stock", "PUT", "/v1/stock/{sku}/reservations", 1_200, OutOfStock);
    public static Operation GetStock { get; } = Endpoint(Inventory, "get_stock", "GET", "/v1/stock/{sku}", 800);
    public static Operation ProcessPayment { get; } = Endpoint(Payment, "process_payment", "POST", "/v1/payments", 2_000);
    public static Operation RefundPayment { get; } = Endpoint(Payment, "refund_payment", "POST", "/v1/refunds", 1_500);

    public static Operation PriceOrder { get; } = Work(Order, "price_order", 1_500);
    public static Operation RankProducts { get; } = Work(Inventory, "rank_products", 3_000);
    public static Operation RenderProducts { get; } = Work(Inventory, "render_products", 1_000);
    public static Operation ChargeCard { get; } = Work(Payment, "charge_card", 500);
    public static Operation ReconcileStock { get; } = Work(Scheduler, "reconcile_stock", 4_000);

    public static Operation StripeCharge { get; } = External(Payment, "POST stripe charge", "POST", "/v1/charges", 180_000, GatewayTimeout);
    public static Operation StripeRefund { get; } = External(Payment, "POST stripe refund", "POST", "/v1/refunds", 150_000, GatewayTimeout);
    public static Operation SessionCache { get; } = Cache(Auth, "GET session", "session");
    public static Operation ProductCache { get; } = Cache(Inventory, "GET products", "products");
    public static Operation SendMail { get; } = new(Notification, "send_email", SpanKind.Client, Transport.Mail, 60_000)
    {
        Method = "SEND"u8.ToArray(), Target = "order-confirmation"u8.ToArray(), Peer = "smtp.example.com"u8.ToArray(), Failure = MailRefused,
    };

    public static Operation PublishOrderPlaced { get; } = Message(Gateway, "publish order.placed", SpanKind.Producer, "order.placed", 900);
    public static Operation PublishRefunded { get; } = Message(Payment, "publish payment.refunded", SpanKind.Producer, "payment.refunded", 900);
    public static Operation SendConfirmation { get; } = Message(Notification, "send_confirmation", SpanKind.Consumer, "order.placed", 5_000);
    public static Operation PlanShipment { get; } = Message(Shipping, "plan_shipment", SpanKind.Consumer, "order.placed", 20_000);
    public static Operation SendRefundNotice { get; } = Message(Notification, "send_refund_notice", SpanKind.Consumer, "payment.refunded", 5_000);

    public static Query SelectUser { get; } = new(Auth, "SELECT", "users", 1_800);
    public static Query InsertOrder { get; } = new(Order, "INSERT", "orders", 3_200);
    public static Query SelectProducts { get; } = new(Inventory, "SELECT", "products", 6_000);
    public static Query UpdateStock { get; } = new(Inventory, "UPDATE", "stock", 2_600);
    public static Query SelectStock { get; } = new(Inventory, "SELECT", "stock", 1_400);
    public static Query InsertPayment { get; } = new(Payment, "INSERT", "payments", 3_000);
    public static Query InsertShipment { get; } = new(Shipping, "INSERT", "shipments", 2_800);

    private static Operation Endpoint(int service, string name, string method, string route, int mean, Failure? failure = null) =>
        new(service, name, SpanKind.Server, Transport.Http, mean) { Method = Utf8(method), Target = Utf8(route), Failure = failure };

    private static Operation Caller(int service, string name, string method, string route, int callee) =>
        new(service, name, SpanKind.Client, Transport.Http, 300) { Method = Utf8(method), Target = Utf8(route), Peer = Utf8(Services[callee]) };

    private static Operation External(int service, string name, string method, string route, int mean, Failure failure) =>
        new(service, name, SpanKind.Client, Transport.Http, mean) { Method = Utf8(method), Target = Utf8(route), Peer = "stripe"u8.ToArray(), Failure = failure };

    private static Operation Cache(int service, string name, string target) =>
        new(service, name, SpanKind.Client, Transport.Cache, 400)
        {
            Method = "GET"u8.ToArray(), Target = Utf8(target), Peer = "redis"u8.ToArray(), System = "redis"u8.ToArray(),
        };

    private static Operation Message(int service, string name, SpanKind kind, string topic, int mean) =>
        new(service, name, kind, Transport.Messaging, mean)
        {
            Method = Utf8(kind == SpanKind.Producer ? "publish" : "process"), Target = Utf8(topic), System = "kafka"u8.ToArray(),
        };

    private static Operation Work(int service, string name, int mean) => new(service, name, SpanKind.Internal, Transport.None, mean);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
