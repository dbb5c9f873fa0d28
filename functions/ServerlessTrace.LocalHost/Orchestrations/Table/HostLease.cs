using Azure;
using Azure.Data.Tables;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// Keeps this host's row fresh, and looks at the table: for messages from other hosts, for instances that nobody has, and for hosts
/// that are gone, whose instances are taken over.
/// </summary>
internal sealed class HostLease(InstanceHub hub, ILogger logger)
{
    private const string Hosts = "hosts";
    private const string AliveUntil = "AliveUntil";
    private const int BeatsPerLease = 3;
    private const int PageSize = 200;

    private DateTimeOffset _nextBeat = DateTimeOffset.MinValue;

    private TableClient Table => hub.Table.Table;

    private TableOrchestrationOptions Options => hub.Options;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan pause = Options.SharedPollInterval;
            try
            {
                await BeatAsync(cancellationToken);
                pause = await LookAsync(cancellationToken) ? Options.SharedPollInterval : Options.PollInterval;
            }
#pragma warning disable CA1031 // Storage that is away comes back.
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                logger.StorageFailed(failure);
            }

            await Task.Delay(pause, hub.Time, cancellationToken);
        }
    }

    /// <summary>Deletes this host's row: it has handed over.</summary>
    public async Task EndAsync(CancellationToken cancellationToken) => await Table.DeleteEntityAsync(Hosts, hub.Host, ETag.All, cancellationToken);

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = hub.Time.GetUtcNow();
        if (now >= _nextBeat)
        {
            await Table.UpsertEntityAsync(
                new TableEntity(Hosts, hub.Host) { [AliveUntil] = now + Options.LeaseDuration }, TableUpdateMode.Replace, cancellationToken);
            _nextBeat = now + (Options.LeaseDuration / BeatsPerLease);
        }
    }

    /// <summary>Looks once, with one query. Returns whether there are other hosts.</summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        // Leases are judged as of before the query: an answer that took long says nothing about the other hosts.
        DateTimeOffset now = hub.Time.GetUtcNow();
        string mine = TableClient.CreateQueryFilter($"(Owner eq {hub.Host} and LookAt le {now})");
        string anyones = TableClient.CreateQueryFilter($"(Owner eq {string.Empty} and LookAt le {now + (Options.ParkThreshold / 2)})");
        string filter = $"PartitionKey eq '{Hosts}' or {mine}" + (hub.HasRoom ? $" or {anyones}" : string.Empty);
        bool hasPeers = false;
        await foreach (Page<TableEntity> page in Table.QueryAsync<TableEntity>(filter, PageSize, cancellationToken: cancellationToken).AsPages())
        {
            foreach (TableEntity entity in page.Values)
            {
                if (entity.PartitionKey != Hosts)
                {
                    await LookIntoAsync(entity, cancellationToken);
                }
                else if (entity.RowKey != hub.Host)
                {
                    bool isGone = entity.GetDateTimeOffset(AliveUntil) < now || HostIdentity.IsKnownDead(entity.RowKey);
                    hasPeers |= !isGone;
                    if (isGone)
                    {
                        await TakeOverAsync(entity, cancellationToken);
                    }
                }
            }

            // The rest waits for the next look.
            break;
        }

        return hasPeers;
    }

    private async Task LookIntoAsync(TableEntity entity, CancellationToken cancellationToken)
    {
        if (await hub.Table.TryLoadAsync(entity, cancellationToken) is not { } row)
        {
            return;
        }

        if (row.Owner == hub.Host)
        {
            await hub.LookIntoAsync(row, cancellationToken);
        }
        else if (hub.HasRoom)
        {
            await hub.TryAdoptAsync(row, cancellationToken);
        }
    }

    /// <summary>Takes over the instances of a host that is gone, and deletes its row when it has none left.</summary>
    private async Task TakeOverAsync(TableEntity gone, CancellationToken cancellationToken)
    {
        int taken = 0;
        bool isClean = true;
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {InstanceRow.Partition} and Owner eq {gone.RowKey}");
        await foreach (TableEntity entity in Table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            bool isMine = await hub.Table.TryLoadAsync(entity, cancellationToken) is { } row && await hub.TryAdoptAsync(row, cancellationToken);
            taken += isMine ? 1 : 0;
            isClean &= isMine;
        }

        if (taken > 0)
        {
            logger.TookOver(gone.RowKey, taken);
        }

        if (!isClean)
        {
            // A row has changed meanwhile. It may still name the host that is gone: the next look tells.
            return;
        }

        try
        {
            // A host that was only stalled has written its row again, and keeps it.
            await Table.DeleteEntityAsync(gone.PartitionKey, gone.RowKey, gone.ETag, cancellationToken);
        }
        catch (RequestFailedException changed) when (changed.Status is 404 or 412)
        {
        }
    }
}
