using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>The spans of one trace with their times, and what the business knows of it; reused from trace to trace.</summary>
internal sealed class TracePlan
{
    private GrowingArray<PlannedSpan> _spans = new(64);

    public TraceId TraceId { get; private set; }

    public int OrderNumber { get; private set; }

    public int UserNumber { get; private set; }

    public ulong TransactionNumber { get; private set; }

    public ulong CorrelationNumber { get; private set; }

    public int AmountCents { get; private set; }

    public int Count => _spans.Count;

    public ref PlannedSpan this[int index] => ref _spans[index];

    /// <summary>Begins another trace with ids and numbers of its own.</summary>
    public void Restart(ref SeededRandom random)
    {
        _spans.Clear();
        TraceId = new TraceId(random.Next(), Math.Max(1, random.Next()));
        OrderNumber = random.Below(100_000_000);
        UserNumber = random.Below(1_000_000);
        TransactionNumber = random.Next();
        CorrelationNumber = random.Next();
        AmountCents = 199 + random.Below(50_000);
    }

    public int Begin(Operation operation, int parent, long at, ref SeededRandom random)
    {
        ref PlannedSpan span = ref _spans.Add();
        span = new PlannedSpan { Operation = operation, Parent = parent, Start = at, End = at, SpanId = new SpanId(Math.Max(1, random.Next())) };
        return _spans.Count - 1;
    }

    public void End(int index, long at, Failure? failure = null)
    {
        ref PlannedSpan span = ref _spans[index];
        span.End = at;
        span.Failure = failure;
    }
}
