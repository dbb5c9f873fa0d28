namespace ServerlessTrace.Generation;

/// <summary>
/// What happens in the shop. Each method lays out the spans of a trace or of a part of one, from the moment it is given (µs since 1970 UTC),
/// and returns when that part is over.
/// </summary>
internal sealed class TraceScenarios(ulong seed)
{
    private const int NoParent = -1;
    private const int LongestPayment = 5_000_000;

    private SeededRandom _random = new(seed);

    public TracePlan Plan { get; } = new();

    /// <summary>Lays out one of the shop's traces, of any size.</summary>
    public void Realistic(long at)
    {
        Plan.Restart(ref _random);
        int dice = _random.Below(1000);
        _ = dice switch
        {
            < 420 => Checkout(at),
            < 780 => Browse(at),
            < 920 => Login(at),
            < 990 => Refund(at),
            _ => Reconcile(at),
        };
    }

    /// <summary>Lays out a trace of a single span.</summary>
    public void HealthCheck(long at)
    {
        Plan.Restart(ref _random);
        Leaf(Operations.GetHealth, NoParent, at);
    }

    /// <summary>Lays out a trace of exactly ten spans.</summary>
    public void TenSpans(long at)
    {
        Plan.Restart(ref _random);
        int root = Begin(Operations.PostCheckout, NoParent, at);
        long now = Authenticate(root, at + 200);
        now = _random.Below(3) switch
        {
            0 => PayWithMessage(root, now),
            1 => ListProducts(root, now),
            _ => PlaceOrder(root, now),
        };
        Plan.End(root, now + _random.Latency(300), FailureOf(root + 3));
    }

    private long Checkout(long at)
    {
        int root = Begin(Operations.PostCheckout, NoParent, at);
        long now = ValidateToken(root, at + _random.Latency(300));
        (int order, now) = BeginCall(root, Operations.CallOrder, Operations.CreateOrder, now);
        now = Leaf(Operations.PriceOrder, order, now);
        (bool reserved, now) = ReserveStock(order, now);
        Failure? failure = reserved ? null : Operations.OutOfStock;
        if (reserved)
        {
            (failure, now) = Pay(order, now);
        }

        if (failure is null)
        {
            now = Ask(Operations.InsertOrder, order, now);
        }

        now = EndCall(order, now, failure);
        if (failure is null)
        {
            now = Announce(root, now);
        }

        now += _random.Latency(500);
        Plan.End(root, now, failure);
        return now;
    }

    private long Browse(long at)
    {
        int root = Begin(Operations.GetProducts, NoParent, at);
        (int catalog, long now) = BeginCall(root, Operations.CallCatalog, Operations.ListProducts, at + _random.Latency(200));
        int cache = Plan.Count;
        now = Leaf(Operations.ProductCache, catalog, now);
        if (_random.Chance(300))
        {
            Plan[cache].MissedCacheAt = Plan[cache].End - 10;
            for (int pages = 1 + _random.Below(3); pages > 0; pages--)
            {
                now = Ask(Operations.SelectProducts, catalog, now);
            }
        }

        now = Leaf(Operations.RankProducts, catalog, now);
        now = EndCall(catalog, now, null) + _random.Latency(200);
        Plan.End(root, now);
        return now;
    }

    private long Login(long at)
    {
        int root = Begin(Operations.PostLogin, NoParent, at);
        (int session, long now) = BeginCall(root, Operations.CallLogin, Operations.CreateSession, at + _random.Latency(200));
        now = Ask(Operations.SelectUser, session, now) + _random.Latency(Operations.CreateSession.MeanMicroseconds);
        Failure? failure = _random.Chance(80) ? Operations.InvalidCredentials : null;
        now = EndCall(session, now, failure) + _random.Latency(100);
        Plan.End(root, now, failure);
        return now;
    }

    private long Refund(long at)
    {
        int root = Begin(Operations.PostRefund, NoParent, at);
        long now = ValidateToken(root, at + _random.Latency(300));
        (int refund, now) = BeginCall(root, Operations.CallRefund, Operations.RefundPayment, now);
        (Failure? failure, now) = CallGateway(Operations.StripeRefund, refund, now);
        if (failure is null)
        {
            now = Ask(Operations.InsertPayment, refund, now);
            now = Publish(refund, Operations.PublishRefunded, now, out int message);
            Notify(Operations.SendRefundNotice, message, now);
        }

        now = EndCall(refund, now, failure) + _random.Latency(200);
        Plan.End(root, now, failure);
        return now;
    }

    private long Reconcile(long at)
    {
        int root = Begin(Operations.ReconcileStock, NoParent, at);
        long last = at;
        int items = 5 + _random.Below(56);
        for (int item = 0; item < items; item++)
        {
            // Eight at a time: a later one begins when the first of its eight is through.
            (int stock, long now) = BeginCall(root, Operations.CallReconcile, Operations.GetStock, at + 500 + (item / 8 * 6_000) + _random.Below(900));
            now = Ask(Operations.SelectStock, stock, now);
            last = Math.Max(last, EndCall(stock, now, null));
        }

        last += _random.Latency(Operations.ReconcileStock.MeanMicroseconds);
        Plan.End(root, last);
        return last;
    }

    private long PayWithMessage(int root, long at)
    {
        (int payment, long now) = BeginCall(root, Operations.CallPayment, Operations.ProcessPayment, at);
        Failure? failure = _random.Chance(30) ? Operations.GatewayTimeout : null;
        now = Gateway(Operations.StripeCharge, payment, now, failure, 0);
        now = Ask(Operations.InsertPayment, payment, now);
        now = EndCall(payment, now, failure);
        now = Publish(root, Operations.PublishOrderPlaced, now, out int message);
        Leaf(Operations.SendConfirmation, message, now + _random.Latency(4_000));
        return now;
    }

    private long ListProducts(int root, long at)
    {
        (int catalog, long now) = BeginCall(root, Operations.CallCatalog, Operations.ListProducts, at);
        int cache = Plan.Count;
        now = Leaf(Operations.ProductCache, catalog, now);
        Plan[cache].MissedCacheAt = Plan[cache].End - 10;
        now = Ask(Operations.SelectProducts, catalog, now);
        now = Leaf(Operations.RankProducts, catalog, now);
        now = Leaf(Operations.RenderProducts, catalog, now);
        return EndCall(catalog, now, null);
    }

    private long PlaceOrder(int root, long at)
    {
        (int order, long now) = BeginCall(root, Operations.CallOrder, Operations.CreateOrder, at);
        Failure? failure = _random.Chance(30) ? Operations.OutOfStock : null;
        (int stock, now) = BeginCall(order, Operations.CallReserve, Operations.ReserveStock, now);
        now = EndCall(stock, now + _random.Latency(1_000), failure);
        now = Ask(Operations.InsertOrder, order, now);
        now = Leaf(Operations.PriceOrder, order, now);
        return EndCall(order, now, failure);
    }

    /// <summary>Two spans of a token check without its cache.</summary>
    private long Authenticate(int root, long at)
    {
        (int auth, long now) = BeginCall(root, Operations.CallAuth, Operations.ValidateToken, at);
        return EndCall(auth, now + _random.Latency(500), null);
    }

    private long ValidateToken(int root, long at)
    {
        (int auth, long now) = BeginCall(root, Operations.CallAuth, Operations.ValidateToken, at);
        int cache = Plan.Count;
        now = Leaf(Operations.SessionCache, auth, now);
        if (_random.Chance(200))
        {
            Plan[cache].MissedCacheAt = Plan[cache].End - 10;
            now = Ask(Operations.SelectUser, auth, now);
        }

        return EndCall(auth, now, null);
    }

    /// <summary>Reserves every item of the order at the same time.</summary>
    private (bool Reserved, long At) ReserveStock(int order, long at)
    {
        long last = at;
        bool reserved = true;
        for (int items = 1 + _random.Below(5); items > 0; items--)
        {
            (int stock, long now) = BeginCall(order, Operations.CallReserve, Operations.ReserveStock, at + _random.Below(400));
            bool inStock = !_random.Chance(8);
            now = Ask(inStock ? Operations.UpdateStock : Operations.SelectStock, stock, now);
            last = Math.Max(last, EndCall(stock, now, inStock ? null : Operations.OutOfStock));
            reserved &= inStock;
        }

        return (reserved, last);
    }

    private (Failure? Failure, long At) Pay(int order, long at)
    {
        (int payment, long now) = BeginCall(order, Operations.CallOrderPayment, Operations.ProcessPayment, at);
        int charge = Begin(Operations.ChargeCard, payment, now);
        (Failure? failure, now) = CallGateway(Operations.StripeCharge, charge, now + 200);
        Plan.End(charge, now, failure);
        now = Ask(Operations.InsertPayment, payment, now);
        return (failure, EndCall(payment, now, failure));
    }

    /// <summary>Calls the payment gateway, up to three times if it does not answer.</summary>
    private (Failure? Failure, long At) CallGateway(Operation call, int parent, long at)
    {
        if (_random.Chance(25))
        {
            return (Operations.CardDeclined, Gateway(call, parent, at, Operations.CardDeclined, 0));
        }

        int timeouts = _random.Chance(60) ? 1 + _random.Below(3) : 0;
        for (int retry = 0; retry < timeouts; retry++)
        {
            at = Gateway(call, parent, at, Operations.GatewayTimeout, retry) + (100_000L << retry) + _random.Below(20_000);
        }

        return timeouts == 3 ? (Operations.GatewayTimeout, at) : (null, Gateway(call, parent, at, null, timeouts));
    }

    private long Gateway(Operation call, int parent, long at, Failure? failure, int retry)
    {
        int span = Begin(call, parent, at);
        Plan[span].Retry = retry;
        at += failure == Operations.GatewayTimeout ? LongestPayment + _random.Below(3_000) : _random.Latency(call.MeanMicroseconds);
        Plan.End(span, at, failure);
        return at;
    }

    /// <summary>Tells others of an order, who act on it after the caller has gone on.</summary>
    private long Announce(int root, long at)
    {
        long now = Publish(root, Operations.PublishOrderPlaced, at, out int message);
        Notify(Operations.SendConfirmation, message, now);
        if (_random.Chance(700))
        {
            long delivered = now + _random.Latency(9_000);
            int shipment = Begin(Operations.PlanShipment, message, delivered);
            delivered = Ask(Operations.InsertShipment, shipment, delivered + _random.Latency(Operations.PlanShipment.MeanMicroseconds));
            Plan.End(shipment, delivered + 300);
        }

        return now;
    }

    private void Notify(Operation consumer, int message, long at)
    {
        long now = at + _random.Latency(6_000);
        int notice = Begin(consumer, message, now);
        Failure? failure = _random.Chance(15) ? Operations.MailRefused : null;
        int mail = Begin(Operations.SendMail, notice, now + _random.Latency(2_000));
        now = Plan[mail].Start + _random.Latency(Operations.SendMail.MeanMicroseconds);
        Plan.End(mail, now, failure);
        Plan.End(notice, now + 200, failure);
    }

    private long Publish(int parent, Operation publish, long at, out int message)
    {
        message = Begin(publish, parent, at);
        at += _random.Latency(publish.MeanMicroseconds);
        Plan.End(message, at);
        return at;
    }

    private long Ask(Query query, int parent, long at)
    {
        int client = Begin(query.Client, parent, at);
        long received = at + 100 + _random.Below(200);
        Failure? failure = _random.Chance(2) ? Operations.Deadlock : null;
        long answered = received + _random.Latency(query.Server.MeanMicroseconds);
        Plan.End(Begin(query.Server, client, received), answered, failure);
        answered += 100 + _random.Below(200);
        Plan.End(client, answered, failure);
        return answered;
    }

    private long Leaf(Operation operation, int parent, long at)
    {
        long end = at + _random.Latency(operation.MeanMicroseconds);
        Plan.End(Begin(operation, parent, at), end);
        return end;
    }

    /// <summary>Begins a call; the callee's span follows the caller's in the plan.</summary>
    private (int Callee, long At) BeginCall(int parent, Operation call, Operation callee, long at)
    {
        int caller = Begin(call, parent, at);
        long received = at + 150 + _random.Below(700);
        int server = Begin(callee, caller, received);
        return (server, received + _random.Latency(callee.MeanMicroseconds / 2));
    }

    private long EndCall(int callee, long at, Failure? failure)
    {
        at += _random.Latency(Plan[callee].Operation.MeanMicroseconds / 2);
        Plan.End(callee, at, failure);
        at += 150 + _random.Below(700);
        Plan.End(callee - 1, at, failure);
        return at;
    }

    private int Begin(Operation operation, int parent, long at) => Plan.Begin(operation, parent, at, ref _random);

    private Failure? FailureOf(int index) => Plan[index].Failure;
}
