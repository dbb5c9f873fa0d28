using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Tests.Alerting;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Secrets;
using ServerlessTrace.Storage.Webhooks;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Functions.Tests.Erasure;

/// <summary>A test of erasing on demand: what the orchestration does, batch by batch, each by a new process.</summary>
public abstract class ErasureTest(AzuriteFixture azurite) : AlertingTest(azurite)
{
    internal ErasureOptions Erasing { get; } = new();

    internal RetentionOptions Retention { get; } = new();

    internal ForwardOptions Forward { get; } = new() { Endpoint = "http://localhost:4318/v1/traces" };

    internal ErasureStore Erasures => new(Clients, new ErasureKeyStore(Clients));

    internal ForwardOutbox Outbox => new(Clients, Forward, Clock);

    internal BlobProgressStore Progress => new(Clients);

    internal DeliveryStore Deliveries => new(Clients);

    internal Task<ErasureRecord> BeginAsync(ErasureTarget target) =>
        Erasures.BeginAsync(target, Clock.GetUtcNow(), record => record with { By = "ann", Reason = "case 7" }, CancellationToken.None);

    /// <summary>Erases to the end.</summary>
    /// <param name="target">What is to be erased.</param>
    /// <param name="whileSettling">What happens between the erasing and the second look.</param>
    internal async Task<ErasureRecord> EraseAsync(ErasureTarget target, Func<Task>? whileSettling = null)
    {
        ErasureRecord record = await BeginAsync(target);
        for (ErasureRun? run = new(record.Id, record.Hash); run is not null; run = await NewEraser().RunAsync(run, CancellationToken.None))
        {
            if (WaitUntilDue(run) == Erasing.SettleAfter && whileSettling is not null)
            {
                await whileSettling();
            }
        }

        return (await Erasures.FindAsync(record.Id, CancellationToken.None))!;
    }

    /// <summary>Lets the time pass until a step is due, in whole ms; returns how much that was.</summary>
    internal TimeSpan WaitUntilDue(ErasureRun run)
    {
        TimeSpan wait = DateTimeOffset.FromUnixTimeMilliseconds(run.DueUnixMs) - Clock.GetUtcNow();
        wait = run.DueUnixMs == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        Clock.Advance(wait);
        return wait;
    }

    internal Eraser NewEraser() => new(
        Clients, Erasures, NewErased(), Chunks, Traces, Blocks, Index, Outbox, Receipts, Progress, new TraceAlertStore(Clients), Log, States, Deliveries,
        Erasing, Retention, Forward, Clock);

    /// <summary>A complete trace of an order.</summary>
    internal static SpanBatch Ordered(TraceId trace, string order) => new TraceBuilder(trace)
        .Span(1, "gateway", "GET /orders", 0, 100, kind: SpanKind.Server).With("order_id", order)
        .Span(2, "orders", "load", 10, 60, parent: 1)
        .Flush();

    /// <summary>Puts traces into the outbox together, as a sealer does.</summary>
    internal Task ForwardAsync(params SpanBatch[] traces)
    {
        var block = new BlockKey(BlockKey.HourOf(TraceBuilder.Epoch), Shard.Of(traces[0][0].TraceId), Clock.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        return Outbox.AddAsync(block, traces.Select(trace => (ReadOnlyMemory<byte>)new SpanPacker().Pack(trace, 0, trace.Count).ToArray()), CancellationToken.None);
    }

    internal async Task<List<TraceId>> WaitingAsync(Shard shard)
    {
        var found = new List<TraceId>();
        await foreach ((TraceId trace, _) in Outbox.FindAsync(shard, static _ => true, CancellationToken.None))
        {
            found.Add(trace);
        }

        return found;
    }

    internal async Task<HashSet<TraceId>> OpenAsync(Shard shard)
    {
        var found = new HashSet<TraceId>();
        await foreach ((TraceId trace, _) in Chunks.FindAsync(shard, static (Trace _) => true, CancellationToken.None))
        {
            found.Add(trace);
        }

        return found;
    }
}
