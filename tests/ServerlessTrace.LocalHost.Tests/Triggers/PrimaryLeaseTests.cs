using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessTrace.LocalHost.Storage;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.LocalHost.Triggers;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Triggers;

public sealed class PrimaryLeaseTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    private readonly string _name = AzuriteFixture.NewName();
    private readonly StorageRequests _waiting = new();

    [Fact]
    public async Task One_of_two_is_primary_and_the_other_takes_over()
    {
        var calls = new Calls();
        using var firstStops = new CancellationTokenSource();
        using var secondStops = new CancellationTokenSource();
        Task first = RunAsync("first", calls, firstStops.Token);
        await calls.WaitForAsync("first");
        Task second = RunAsync("second", calls, secondStops.Token);

        await firstStops.CancelAsync();
        await first;
        await calls.WaitForAsync("second");

        Assert.Equal(["first", "second"], calls.All);
        await secondStops.CancelAsync();
        await second;
    }

    [Fact]
    public async Task A_lease_whose_holder_was_killed_on_this_machine_is_broken()
    {
        // An id that no process has, with a lease that would never run out.
        await HoldAsync(HostIdentity.New() with { ProcessId = int.MaxValue });
        var calls = new Calls();
        using var stops = new CancellationTokenSource();

        Task next = RunAsync("next", calls, stops.Token);

        await calls.WaitForAsync("next");
        await stops.CancelAsync();
        await next;
    }

    [Fact]
    public async Task A_lease_of_a_living_holder_or_another_machine_is_respected()
    {
        await HoldAsync(HostIdentity.New());
        BlobLeaseClient elsewhere = await HoldAsync(HostIdentity.New() with { Machine = "elsewhere", ProcessId = int.MaxValue }, "other");
        var calls = new Calls();
        using var stops = new CancellationTokenSource();
        Task here = RunAsync("here", calls, stops.Token);
        Task there = RunAsync("there", calls, stops.Token, "other");

        await Eventually.TrueAsync(() => Task.FromResult(_waiting.Total >= 8), () => "The leases were not looked at.");
        Assert.Empty(calls.All);
        await elsewhere.ReleaseAsync();
        await calls.WaitForAsync("there");

        Assert.Equal(["there"], calls.All);
        await stops.CancelAsync();
        await Task.WhenAll(here, there);
    }

    private Task RunAsync(string name, Calls calls, CancellationToken stopping, string blob = "primary") =>
        new PrimaryLease(WaitingClient().GetBlobContainerClient(_name), blob, NullLogger.Instance).RunAsync(
            async whilePrimary =>
            {
                calls.Add(name);
                await Task.Delay(Timeout.Infinite, whilePrimary).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            },
            stopping);

    private BlobServiceClient WaitingClient()
    {
        var options = new BlobClientOptions();
        options.AddPolicy(_waiting, HttpPipelinePosition.PerRetry);
        return new BlobServiceClient(storage.ConnectionString, options);
    }

    private async Task<BlobLeaseClient> HoldAsync(HostIdentity holder, string name = "primary")
    {
        BlobContainerClient container = storage.Blobs.GetBlobContainerClient(_name);
        await container.CreateIfNotExistsAsync();
        BlobClient blob = container.GetBlobClient(name);
        await blob.UploadAsync(BinaryData.FromString(string.Empty), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["holder"] = holder.ToString() } });
        BlobLeaseClient lease = blob.GetBlobLeaseClient();
        await lease.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration);
        return lease;
    }
}
