using Azure.Data.Tables;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>
/// Finds instances that nobody looks after: their owner died before it sent a message, or the message got lost. One host of the
/// hub does so per interval, and each once when it starts.
/// </summary>
internal sealed class RecoveryScan(DurableHub hub)
{
    private const string Duty = "recovery";

    private static readonly string[] Columns = ["PartitionKey", "RowKey", "Custody", "Owner", "NextAt"];

    // Messages appear by whole seconds and are read by polling: an instance is not lost because it is a little late.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = hub.Loggers.CreateLogger<RecoveryScan>();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await TryAsync(_ => Task.FromResult(true), cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(hub.Options.RecoveryInterval, hub.Time, cancellationToken);

            // A little less than the interval, so that the host that did it last is not late for the next time.
            await TryAsync(
                now => hub.Store.TryTakeTurnAsync(Duty, now, hub.Options.RecoveryInterval * 0.9, cancellationToken), cancellationToken);
        }
    }

    private async Task TryAsync(Func<DateTimeOffset, Task<bool>> isMyTurn, CancellationToken cancellationToken)
    {
        try
        {
            if (await isMyTurn(hub.Time.GetUtcNow()))
            {
                await ScanAsync(cancellationToken);
            }
        }
#pragma warning disable CA1031 // Storage that is away comes back.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _logger.StorageFailed(failure);
        }
    }

    private async Task ScanAsync(CancellationToken cancellationToken)
    {
        foreach (TableEntity found in await hub.Store.FindAsync("Live eq true", Columns, cancellationToken))
        {
            if (IsLost(found) && await hub.Store.ReadAsync(found.RowKey, cancellationToken) is { IsLive: true } row && row.ETag == found.ETag)
            {
                await hub.ReviveAsync(row, cancellationToken);
                hub.WakePump();
            }
        }
    }

    private bool IsLost(TableEntity row)
    {
        DateTimeOffset now = hub.Time.GetUtcNow();
        return row.GetInt32("Custody") == (int)Custody.Owned
            ? row.GetDateTimeOffset("NextAt") < now || HostIdentity.IsKnownDead(row.GetString("Owner"))
            : row.GetDateTimeOffset("NextAt") + Lateness < now;
    }

}
