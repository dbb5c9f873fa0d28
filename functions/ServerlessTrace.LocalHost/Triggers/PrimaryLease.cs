using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ServerlessTrace.LocalHost.Triggers;

/// <summary>
/// Picks one host, among those that share a storage account, for the work that only one may do: listing blobs and firing timers.
/// </summary>
/// <remarks>
/// A lease lasts 15 s, the least that storage grants. So that a restart after a kill need not wait that long, the holder's process is
/// noted on the blob, and a lease whose holder ran on this machine and is gone is broken. Should two hosts do that at once, both
/// may be primary until the next renewal: what they do twice then is harmless, since delivery is at least once anyway.
/// </remarks>
internal sealed class PrimaryLease(BlobContainerClient container, string name, ILogger logger)
{
    private const string HolderKey = "holder";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    // A holder that cannot renew must stop before somebody else may take the lease.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(12);

    private readonly BlobClient _blob = container.GetBlobClient(name);
    private readonly string _host = HostIdentity.New().ToString();

    /// <summary>Runs <paramref name="work"/> whenever this host is the primary, until stopped.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await TryAcquireAsync(stopping) is { } lease)
                {
                    await HoldAsync(lease, work, stopping);
                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (RequestFailedException failure)
            {
                Log.PrimaryLeaseFailed(logger, failure);
            }

            await Task.Delay(RetryEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<BlobLeaseClient?> TryAcquireAsync(CancellationToken cancellationToken)
    {
        BlobLeaseClient lease = _blob.GetBlobLeaseClient();
        try
        {
            await lease.AcquireAsync(Duration, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await CreateBlobAsync(cancellationToken);
            return null;
        }
        catch (RequestFailedException taken) when (taken.Status == 409)
        {
            if (!await HolderIsGoneAsync(cancellationToken))
            {
                return null;
            }

            await _blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: cancellationToken);
            await lease.AcquireAsync(Duration, cancellationToken: cancellationToken);
        }

        var holder = new Dictionary<string, string> { [HolderKey] = _host };
        await _blob.SetMetadataAsync(holder, new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellationToken);
        return lease;
    }

    private async Task CreateBlobAsync(CancellationToken cancellationToken)
    {
        try
        {
            var ifNew = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            await _blob.UploadAsync(BinaryData.FromString(string.Empty), ifNew, cancellationToken);
        }
        catch (RequestFailedException exists) when (exists.Status is 409 or 412)
        {
            // Another host was faster.
        }
    }

    private async Task<bool> HolderIsGoneAsync(CancellationToken cancellationToken)
    {
        BlobProperties properties = await _blob.GetPropertiesAsync(cancellationToken: cancellationToken);
        return properties.Metadata.TryGetValue(HolderKey, out string? holder) && HostIdentity.IsKnownDead(holder);
    }

    private async Task HoldAsync(BlobLeaseClient lease, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        using var holding = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task working = work(holding.Token);
        long renewed = Stopwatch.GetTimestamp();
        while (!stopping.IsCancellationRequested && !working.IsCompleted)
        {
            await Task.WhenAny(working, Task.Delay(RenewEvery, stopping));
            try
            {
                await lease.RenewAsync(cancellationToken: stopping);
                renewed = Stopwatch.GetTimestamp();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (RequestFailedException failure)
            {
                bool lost = failure.Status is 404 or 409 or 412;
                if (lost || Stopwatch.GetElapsedTime(renewed) > GiveUpAfter)
                {
                    Log.PrimaryLeaseLost(logger, failure);
                    break;
                }
            }
        }

        await holding.CancelAsync();
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (working.IsFaulted)
        {
            Log.PrimaryWorkFailed(logger, working.Exception.InnerException!);
        }

        await ReleaseAsync(lease);
    }

    private async Task ReleaseAsync(BlobLeaseClient lease)
    {
        try
        {
            await lease.ReleaseAsync();
        }
        catch (RequestFailedException failure)
        {
            // It runs out by itself.
            Log.PrimaryLeaseFailed(logger, failure);
        }
    }
}
