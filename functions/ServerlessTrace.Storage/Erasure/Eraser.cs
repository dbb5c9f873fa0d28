using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure.Steps;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>
/// Erases traces, batch by batch. First they are listed and marked, so that they do not come back; when every instance knows, they are erased wherever they are; and some time
/// later once more from where a sealer may have written that began before. Each batch may be repeated after a crash.
/// </summary>
public sealed class Eraser
{
    private readonly ErasureStore _store;
    private readonly ForwardOptions _forward;
    private readonly TimeProvider _clock;

    /// <summary>The steps in order, each with how long to wait before it. Running orchestrations know a step by its place: a change of the order needs a new orchestrator.</summary>
    private readonly (IErasureStep Step, TimeSpan Wait)[] _steps;

    /// <summary>Erases from all that these stores hold.</summary>
    public Eraser(
        StorageClients clients,
        ErasureStore store,
        ErasedTraces erased,
        ChunkStore chunks,
        TraceStore traces,
        BlockStore blocks,
        BusinessIndex index,
        ForwardOutbox outbox,
        ReceiptStore receipts,
        BlobProgressStore progress,
        TraceAlertStore traceAlerts,
        AlertLog alerts,
        StateStore states,
        DeliveryStore deliveries,
        ErasureOptions options,
        RetentionOptions retention,
        ForwardOptions forward,
        TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _forward = forward;
        _clock = clock;
        var eraseChunks = new EraseChunks(chunks);
        var eraseForwarding = new EraseForwarding(outbox);
        var eraseTraceAlerts = new EraseTraceAlerts(traceAlerts);
        var eraseAlerts = new EraseAlerts(alerts, states);
        var eraseNotifications = new EraseNotifications(deliveries);
        var eraseTraces = new EraseTraces(store, traces, blocks, index);
        _steps =
        [
            (new FindTraces(store, traces, chunks, outbox, index, clock), default),
            (new MarkTraces(store, traces, erased, clock), default),
            (eraseChunks, ErasedTraces.Freshness * 2),
            (eraseForwarding, default),
            (eraseTraces, default),
            (eraseTraceAlerts, default),
            (eraseAlerts, default),
            (eraseNotifications, default),
            (new EraseReceipts(receipts), default),
            (new EraseRejected(clients), default),
            (new EraseSources(clients, store, receipts, progress, options, retention), default),
            (eraseChunks, options.SettleAfter),
            (eraseForwarding, default),
            (eraseTraces, default),
            (eraseTraceAlerts, default),
            (eraseAlerts, default),
            (eraseNotifications, default),
        ];
    }

    /// <summary>Does the next batch and says what comes then; null when all is done.</summary>
    public async Task<ErasureRun?> RunAsync(ErasureRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (await _store.FindWorkAsync(run.Hash, cancellationToken).ConfigureAwait(false) is not { } work || work.Record.Id != run.Id)
        {
            // It was ended, and only the answer was lost.
            return null;
        }

        ErasureRecord record = await _store.FindAsync(run.Id, cancellationToken).ConfigureAwait(false) ?? work.Record;
        var scope = new ErasureScope(record, work.Target, _store);
        if (run.Step >= _steps.Length)
        {
            await EndAsync(run, scope, cancellationToken).ConfigureAwait(false);
            return null;
        }

        IErasureStep step = _steps[run.Step].Step;
        ErasureProgress progress = await step.RunAsync(scope, run.From, cancellationToken).ConfigureAwait(false);
        ErasureRun next = run with { From = progress.Next, DueUnixMs = 0, Unsearched = run.Unsearched + progress.Unsearched };
        if (step.Name is { } name && progress.Erased > 0)
        {
            next = next with { Counts = new Dictionary<string, long>(run.Counts) { [name] = run.Counts.GetValueOrDefault(name) + progress.Erased } };
        }

        if (progress.Next is null)
        {
            TimeSpan wait = run.Step + 1 < _steps.Length ? _steps[run.Step + 1].Wait : default;
            next = next with { Step = run.Step + 1, DueUnixMs = wait > TimeSpan.Zero ? (_clock.GetUtcNow() + wait).ToUnixTimeMilliseconds() : 0 };
        }

        return next;
    }

    private async Task EndAsync(ErasureRun run, ErasureScope scope, CancellationToken cancellationToken)
    {
        // Who died after that finds it done, and has only the rest to forget.
        ErasureRecord done = scope.Record.State == ErasureState.Done ? scope.Record : scope.Record with
        {
            State = ErasureState.Done,
            CompletedAt = _clock.GetUtcNow(),
            Traces = await scope.CountFoundAsync(cancellationToken).ConfigureAwait(false),
            Counts = run.Counts,
            Unsearched = run.Unsearched,
            MayBeForwarded = _forward.IsOn,
        };
        await _store.EndAsync(done, cancellationToken).ConfigureAwait(false);
    }
}
