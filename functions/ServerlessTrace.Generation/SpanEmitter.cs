using System.Globalization;
using System.Text.Unicode;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>Turns planned traces into spans with everything a service would log about them.</summary>
internal sealed class SpanEmitter(LoadShape shape, ulong seed)
{
    private const int PodsPerService = 3;
    private const int ResourceAttributes = 4;

    private static readonly byte[][] UserAgents =
    [
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15"u8.ToArray(),
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"u8.ToArray(),
        "ShopApp/8.14.2 (iPhone; iOS 17.5.1; Scale/3.00) CFNetwork/1496.0.7 Darwin/23.5.0 build/20240611"u8.ToArray(),
    ];

    private static readonly byte[][] Tenants = ["acme-eu"u8.ToArray(), "globex-us"u8.ToArray(), "initech-eu"u8.ToArray(), "umbrella-apac"u8.ToArray()];

    private readonly int[] _resources = new int[Operations.Services.Length * PodsPerService];
    private readonly byte[] _text = new byte[512];
    private readonly bool _complete = shape == LoadShape.Benchmark;
    private SeededRandom _random = new(seed ^ 0x5EED_0F_A77);

    // What all spans of the trace at hand share.
    private int _order;
    private int _user;
    private int _transaction;
    private int _correlation;
    private int _tenant;
    private int _userAgent;

    /// <summary>To be called whenever the batch was cleared.</summary>
    public void Forget() => Array.Fill(_resources, -1);

    public void Emit(TracePlan plan, SpanBatch batch)
    {
        StringTable strings = batch.Strings;
        CultureInfo invariant = CultureInfo.InvariantCulture;
        Utf8.TryWrite(_text, invariant, $"ord-{plan.OrderNumber:d8}", out int length);
        _order = strings.Add(_text.AsSpan(0, length));
        Utf8.TryWrite(_text, invariant, $"user-{plan.UserNumber:d6}", out length);
        _user = strings.Add(_text.AsSpan(0, length));
        Utf8.TryWrite(_text, invariant, $"txn-{plan.TransactionNumber:x16}", out length);
        _transaction = strings.Add(_text.AsSpan(0, length));
        Utf8.TryWrite(_text, invariant, $"tx-{plan.CorrelationNumber:x16}", out length);
        _correlation = strings.Add(_text.AsSpan(0, length));
        _tenant = strings.Add(Tenants[plan.UserNumber % Tenants.Length]);
        _userAgent = strings.Add(UserAgents[plan.UserNumber % UserAgents.Length]);
        int pod = plan.OrderNumber % PodsPerService;
        for (int i = 0; i < plan.Count; i++)
        {
            Emit(plan, ref plan[i], pod, batch);
        }
    }

    private void Emit(TracePlan plan, ref PlannedSpan planned, int pod, SpanBatch batch)
    {
        Operation operation = planned.Operation;
        StringTable strings = batch.Strings;
        int shared = Resource(operation.Service, pod, batch);
        SpanBatchMark before = batch.Mark();
        AddStartAttributes(plan, ref planned, batch);
        AddEndAttributes(ref planned, batch);
        int attributes = batch.AttributeCount - before.Attributes;
        int events = AddEvents(ref planned, batch);

        ref SpanRecord record = ref batch.AddSpan();
        record.TraceId = plan.TraceId;
        record.SpanId = planned.SpanId;
        record.ParentSpanId = planned.Parent < 0 ? default : plan[planned.Parent].SpanId;
        record.StartUnixNano = _complete ? 0 : planned.Start * 1_000;
        record.EndUnixNano = planned.End * 1_000;
        record.ReportedDurationNano = (planned.End - planned.Start) * 1_000;
        record.Service = strings.Add(Operations.ServiceNames[operation.Service]);
        record.Name = strings.Add(operation.Name);
        record.Kind = operation.Kind;
        record.Status = planned.Failure is null ? SpanStatus.Ok : SpanStatus.Error;
        record.StatusMessage = planned.Failure is null ? 0 : strings.Add(planned.Failure.Message);
        record.Flags = _complete ? SpanFlags.Ended : SpanFlags.Started | SpanFlags.Ended;
        record.AttributeStart = before.Attributes;
        record.AttributeCount = attributes;
        record.SharedStart = shared;
        record.SharedCount = ResourceAttributes;
        record.EventStart = before.Events;
        record.EventCount = events;
    }

    private void AddStartAttributes(TracePlan plan, ref PlannedSpan planned, SpanBatch batch)
    {
        AttributeRank rank = _complete ? AttributeRank.End : AttributeRank.Start;
        AddText(batch, "correlation_id"u8, _correlation, rank);
        ulong high = _random.Next();
        ulong low = _random.Next();
        Utf8.TryWrite(_text, CultureInfo.InvariantCulture, $"req-{high:x16}{low:x16}", out int length);
        AddText(batch, "request_id"u8, batch.Strings.Add(_text.AsSpan(0, length)), rank);
        batch.AddAttribute(new SpanAttribute(batch.Strings.Add("tenant"u8), AttributeKind.String, _tenant, AttributeScope.Baggage, rank));
        AddBusiness(plan, batch, rank);
        AddTransport(ref planned, batch, rank);
    }

    private void AddBusiness(TracePlan plan, SpanBatch batch, AttributeRank rank)
    {
        if (plan[0].Operation == Operations.GetHealth || plan[0].Operation == Operations.ReconcileStock)
        {
            return;
        }

        AddText(batch, "user_id"u8, _user, rank);
        AddText(batch, "order_id"u8, _order, rank);
        AddText(batch, "transaction_id"u8, _transaction, rank);
        long amount = BitConverter.DoubleToInt64Bits(plan.AmountCents / 100d);
        batch.AddAttribute(new SpanAttribute(batch.Strings.Add("amount"u8), AttributeKind.Double, amount, AttributeScope.Span, rank));
    }

    private void AddTransport(ref PlannedSpan planned, SpanBatch batch, AttributeRank rank)
    {
        Operation operation = planned.Operation;
        StringTable strings = batch.Strings;
        if (_complete || operation.Transport == Transport.Http)
        {
            AddText(batch, "url.full"u8, Url(operation, strings), rank);
            AddText(batch, "user_agent.original"u8, _userAgent, rank);
        }

        if (_complete || operation.Transport != Transport.None)
        {
            int address = _random.Below(1 << 24);
            Utf8.TryWrite(_text, CultureInfo.InvariantCulture, $"10.{address >> 16}.{(address >> 8) & 255}.{address & 255}", out int length);
            AddText(batch, "network.peer.address"u8, strings.Add(_text.AsSpan(0, length)), rank);
        }

        if (operation.Method.Length > 0)
        {
            AddText(batch, MethodKey(operation.Transport), strings.Add(operation.Method), rank);
            AddText(batch, TargetKey(operation.Transport), strings.Add(operation.Target), rank);
        }

        if (operation.System.Length > 0)
        {
            AddText(batch, operation.Transport == Transport.Messaging ? "messaging.system"u8 : "db.system"u8, strings.Add(operation.System), rank);
        }

        if (operation.Peer.Length > 0)
        {
            AddText(batch, "peer.service"u8, strings.Add(operation.Peer), rank);
        }

        if (planned.Retry > 0)
        {
            AddNumber(batch, "retry_count"u8, planned.Retry, rank);
        }
    }

    private void AddEndAttributes(ref PlannedSpan planned, SpanBatch batch)
    {
        bool failed = planned.Failure is not null;
        AddText(batch, SpanLogFields.Level, batch.Strings.Add(failed ? "ERROR"u8 : "INFO"u8), AttributeRank.End);
        if (!_complete)
        {
            AddText(batch, SpanLogFields.Message, batch.Strings.Add(failed ? planned.Operation.Failed : planned.Operation.Completed), AttributeRank.End);
        }
        switch (planned.Operation.Transport)
        {
            case Transport.Http:
                AddNumber(batch, "http.response.status_code"u8, planned.Failure?.HttpStatus ?? 200, AttributeRank.End);
                AddNumber(batch, "http.response.body.size"u8, _random.Below(20_000), AttributeRank.End);
                break;
            case Transport.Sql:
                AddNumber(batch, "db.response.returned_rows"u8, _random.Below(40), AttributeRank.End);
                break;
            case Transport.Messaging:
                AddNumber(batch, "messaging.message.body.size"u8, 300 + _random.Below(900), AttributeRank.End);
                break;
            default:
                break;
        }

        if (planned.Failure is { } failure)
        {
            AddText(batch, SpanLogFields.ErrorCode, batch.Strings.Add(failure.Code), AttributeRank.End);
            AddText(batch, SpanLogFields.StackTrace, batch.Strings.Add(failure.StackTrace), AttributeRank.End);
        }
    }

    private int AddEvents(ref PlannedSpan planned, SpanBatch batch)
    {
        if (_complete || planned.MissedCacheAt == 0)
        {
            return 0;
        }

        AddText(batch, "cache.name"u8, batch.Strings.Add(planned.Operation.Target), AttributeRank.During);
        batch.AddEvent(new SpanEvent
        {
            Name = batch.Strings.Add("cache_miss"u8),
            TimeUnixNano = planned.MissedCacheAt * 1_000,
            AttributeStart = batch.AttributeCount - 1,
            AttributeCount = 1,
        });
        return 1;
    }

    private int Resource(int service, int pod, SpanBatch batch)
    {
        ref int start = ref _resources[(service * PodsPerService) + pod];
        if (start < 0)
        {
            string name = Operations.Services[service];
            start = batch.AttributeCount;
            batch.AddAttribute("service.version", $"{1 + (service % 3)}.{name.Length}.{service}", AttributeScope.Resource);
            batch.AddAttribute("deployment.environment.name", "production", AttributeScope.Resource);
            batch.AddAttribute("cloud.region", "westeurope", AttributeScope.Resource);
            batch.AddAttribute("k8s.pod.name", $"{name}-{0x5d8f7c4b9 + (service * 7919):x}-{"xk2vqm7tp"[pod]}{"4zh9wd6rn"[service]}z8{pod}", AttributeScope.Resource);
        }

        return start;
    }

    private int Url(Operation operation, StringTable strings)
    {
        ReadOnlySpan<byte> host = operation.Peer.Length > 0 ? operation.Peer : Operations.ServiceNames[operation.Service];
        ReadOnlySpan<byte> path = operation.Target.Length > 0 ? operation.Target : operation.Name;
        int used = Append(Scheme(operation.Transport), 0);
        used = Append(host, used);
        used = Append(path[0] == (byte)'/' ? [] : "/"u8, used);
        used = Append(path, used);
        Utf8.TryWrite(_text.AsSpan(used), CultureInfo.InvariantCulture, $"?cursor={_random.Next():x16}", out int length);
        return strings.Add(_text.AsSpan(0, used + length));
    }

    private int Append(ReadOnlySpan<byte> part, int at)
    {
        part.CopyTo(_text.AsSpan(at));
        return at + part.Length;
    }

    private static ReadOnlySpan<byte> Scheme(Transport transport) => transport switch
    {
        Transport.Sql => "postgresql://"u8,
        Transport.Cache => "redis://"u8,
        Transport.Messaging => "kafka://"u8,
        Transport.Mail => "smtp://"u8,
        Transport.Http => "https://"u8,
        _ => "task://"u8,
    };

    private static ReadOnlySpan<byte> MethodKey(Transport transport) => transport switch
    {
        Transport.Sql or Transport.Cache => "db.operation.name"u8,
        Transport.Messaging => "messaging.operation.type"u8,
        Transport.Mail => "mail.operation"u8,
        _ => "http.request.method"u8,
    };

    private static ReadOnlySpan<byte> TargetKey(Transport transport) => transport switch
    {
        Transport.Sql or Transport.Cache => "db.collection.name"u8,
        Transport.Messaging => "messaging.destination.name"u8,
        Transport.Mail => "mail.template"u8,
        _ => "http.route"u8,
    };

    private static void AddText(SpanBatch batch, ReadOnlySpan<byte> key, int text, AttributeRank rank) =>
        batch.AddAttribute(new SpanAttribute(batch.Strings.Add(key), AttributeKind.String, text, AttributeScope.Span, rank));

    private static void AddNumber(SpanBatch batch, ReadOnlySpan<byte> key, long number, AttributeRank rank) =>
        batch.AddAttribute(new SpanAttribute(batch.Strings.Add(key), AttributeKind.Int64, number, AttributeScope.Span, rank));
}
