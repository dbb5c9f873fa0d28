using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Forwarding;

/// <summary>
/// Sends what waits in the outbox, several batches a request. A batch is done with when its receiver has answered; who dies in
/// between sends it again, and receivers tell spans by their ids.
/// </summary>
public sealed partial class TraceForwarder(
    ForwardOutbox outbox, OtlpReceiverClient receiver, ForwardOptions options, TimeProvider clock, ILogger<TraceForwarder> log)
{
    private const int ShardsInFlight = 4;

    /// <summary>How long one go may last, so that a big backlog is many short activities.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(2);

    /// <summary>Sends batches until none waits, the receiver refuses one, or the turn is over.</summary>
    public async Task<ForwardResult> SendAsync(CancellationToken cancellationToken)
    {
        using Activity? span = ServiceTelemetry.StartForward();
        long until = clock.GetTimestamp() + (long)(Turn.TotalSeconds * clock.TimestampFrequency);
        var results = new ForwardResult[Shard.Count];
        await Parallel.ForEachAsync(
            Shard.All,
            new ParallelOptions { MaxDegreeOfParallelism = ShardsInFlight, CancellationToken = cancellationToken },
            async (shard, token) => results[shard.Number] = await SendAsync(shard, until, token).ConfigureAwait(false)).ConfigureAwait(false);
        var total = new ForwardResult(
            results.Sum(result => result.Spans), results.Any(result => result.IsRefused), results.Any(result => result.IsMore));
        ServiceTelemetry.Forwarded(span, total.Spans, total.IsRefused);
        return total;
    }

    private async Task<ForwardResult> SendAsync(Shard shard, long until, CancellationToken cancellationToken)
    {
        var request = new ForwardRequest();
        long spans = 0;
        await foreach (ForwardBatch batch in outbox.ReadAsync(shard, cancellationToken).ConfigureAwait(false))
        {
            if (clock.GetUtcNow() - batch.AddedAt > options.GiveUpAfter)
            {
                LogGivenUp(batch.Id, options.GiveUpAfter);
                await outbox.RemoveAsync(batch, cancellationToken).ConfigureAwait(false);
                continue;
            }

            request.Add(batch, await outbox.ReadTracesAsync(batch, cancellationToken).ConfigureAwait(false));
            if (request.ApproximateBytes < options.RequestBytes)
            {
                continue;
            }

            long sent = request.Spans;
            if (!await SendAsync(request, cancellationToken).ConfigureAwait(false))
            {
                return new ForwardResult(spans, IsRefused: true, IsMore: true);
            }

            spans += sent;
            if (clock.GetTimestamp() > until)
            {
                return new ForwardResult(spans, IsRefused: false, IsMore: true);
            }
        }

        long rest = request.Spans;
        bool isTaken = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return new ForwardResult(isTaken ? spans + rest : spans, !isTaken, !isTaken);
    }

    private async Task<bool> SendAsync(ForwardRequest request, CancellationToken cancellationToken)
    {
        if (request.Spans > 0 && !await receiver.SendAsync(request.ToBody(options.Encoding), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        foreach (ForwardBatch batch in request.Batches)
        {
            await outbox.RemoveAsync(batch, cancellationToken).ConfigureAwait(false);
        }

        request.Clear();
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Batch} could not be forwarded within {Limit} and is given up")]
    private partial void LogGivenUp(string batch, TimeSpan limit);
}
