using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessTrace.LocalHost.Drop;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Drop;

public sealed class DropFolderTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;
    private readonly Calls _uploads = new();

    private string Drop => Path.Combine(_folder, "drop");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_uploaded_once_also_over_a_restart_and_again_when_it_changed()
    {
        BlobContainerClient container = storage.Blobs.GetBlobContainerClient(AzuriteFixture.NewName());
        Directory.CreateDirectory(Path.Combine(Drop, "deep"));
        await File.WriteAllTextAsync(Path.Combine(Drop, "deep", "a.log"), "1");
        await File.WriteAllTextAsync(Path.Combine(Drop, ".hidden"), "x");

        await RunUntilAsync(container, () => _uploads.WaitForAsync("deep/a.log"));
        await File.WriteAllTextAsync(Path.Combine(Drop, "b.log"), "2");
        await RunUntilAsync(container, () => _uploads.WaitForAsync("b.log"));
        await File.WriteAllTextAsync(Path.Combine(Drop, "deep", "a.log"), "1+");
        await RunUntilAsync(container, () => _uploads.WaitUntilAsync(all => all.Count(name => name == "deep/a.log") == 2));

        Assert.Equal(["deep/a.log", "b.log", "deep/a.log"], _uploads.All);
        Assert.Equal("1+", (await container.GetBlobClient("deep/a.log").DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task A_file_that_is_still_written_waits()
    {
        BlobContainerClient container = storage.Blobs.GetBlobContainerClient(AzuriteFixture.NewName());
        Directory.CreateDirectory(Drop);
        string file = Path.Combine(Drop, "growing.log");
        await RunUntilAsync(container, async () =>
        {
            for (int i = 0; i < 15; i++)
            {
                await File.AppendAllTextAsync(file, "line\n");
                await Task.Delay(100);
            }

            Assert.Empty(_uploads.All);
            await _uploads.WaitForAsync("growing.log");
        });

        Assert.Equal(75, (await container.GetBlobClient("growing.log").GetPropertiesAsync()).Value.ContentLength);
    }

    private async Task RunUntilAsync(BlobContainerClient container, Func<Task> condition)
    {
        using var stops = new CancellationTokenSource();
        DropMemory memory = DropMemory.Open(Path.Combine(_folder, "dropped.json"), Drop, container.Uri);
        Task running = new DropFolder(Drop, container, memory, _uploads.Add, NullLogger.Instance).RunAsync(stops.Token);
        await condition();

        // What was uploaded is remembered at the end of the look that found it.
        await stops.CancelAsync();
        await running;
    }
}
