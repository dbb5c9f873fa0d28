using System.Net;
using System.Net.Sockets;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.LocalHost.Azurite;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Azurite;

public sealed class AzuriteServerTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Blobs_queues_and_tables_answer()
    {
        string name = AzuriteFixture.NewName();
        BlobContainerClient container = await storage.Blobs.CreateBlobContainerAsync(name);
        await container.UploadBlobAsync("a/b.log", BinaryData.FromString("x"));
        QueueClient queue = await storage.Queues.CreateQueueAsync(name);
        await queue.SendMessageAsync("{}");
        TableClient table = storage.Tables.GetTableClient(name);
        await table.CreateAsync();
        await table.UpsertEntityAsync(new TableEntity("p", "r") { ["v"] = 1 });

        Assert.Equal("x", (await container.GetBlobClient("a/b.log").DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal("{}", (await queue.ReceiveMessageAsync()).Value.MessageText);
        Assert.Equal(1, (await table.GetEntityAsync<TableEntity>("p", "r")).Value["v"]);
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        var options = new AzuriteOptions { Folder = _folder };
        await using (AzuriteServer first = await AzuriteServer.StartAsync(options))
        {
            await new TableClient(first.ConnectionString, "kept").CreateAsync();
            await new TableClient(first.ConnectionString, "kept").AddEntityAsync(new TableEntity("p", "r"));
        }

        await using AzuriteServer second = await AzuriteServer.StartAsync(options);

        Assert.False(second.IsReused);
        Assert.True((await new TableClient(second.ConnectionString, "kept").GetEntityIfExistsAsync<TableEntity>("p", "r")).HasValue);
    }

    [Fact]
    public async Task The_one_that_a_killed_host_left_behind_is_taken_over()
    {
        // A killed host runs no clean-up: its lock falls, its state file and its Azurite stay.
        AzuriteServer left = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder });
        await left.AbandonAsync();

        await using AzuriteServer next = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder });

        Assert.True(next.IsReused);
        Assert.Equal(left.ProcessId, next.ProcessId);
        Assert.Equal(left.Ports, next.Ports);
    }

    [Fact]
    public async Task One_left_behind_that_does_not_fit_is_ended()
    {
        AzuriteServer left = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder });
        await left.AbandonAsync();

        await using AzuriteServer next = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, InMemory = true });

        Assert.False(next.IsReused);
        Assert.Null(KnownProcess.Find(left.ProcessId));
    }

    [Fact]
    public async Task A_folder_in_use_is_refused()
    {
        await using AzuriteServer first = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, InMemory = true });

        HostStartException refusal = await Assert.ThrowsAsync<HostStartException>(
            () => AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, InMemory = true }));

        Assert.Contains("--data", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        HostStartException refusal = await Assert.ThrowsAsync<HostStartException>(
            () => AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, Ports = new AzuritePorts(port, 0, 0) }));

        Assert.Contains($"Port {port}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_Azurite_that_dies_is_reported()
    {
        await using AzuriteServer server = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, InMemory = true });

        KnownProcess.Find(server.ProcessId)!.Terminate();

        Assert.StartsWith("Azurite ended unexpectedly", await server.Ended.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
    }
}
