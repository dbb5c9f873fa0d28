using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Retention;

/// <summary>Blobs, messages and damaged chunks get old, too. Azurite dates blobs and messages by the real clock.</summary>
public sealed class ExpiredSourcesTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private readonly RetentionOptions _options = new();

    private static DateTimeOffset InDays(double days) => DateTimeOffset.UtcNow.AddDays(days);

    [Fact]
    public async Task Copies_of_unreadable_sources_are_deleted_and_new_ones_are_not()
    {
        await UploadAsync(Clients.Rejected, 3);

        Assert.Equal(0, await RunAsync(new ExpiredRejected(Clients, _options), InDays(13.9)));
        Assert.Equal(3, await RunAsync(new ExpiredRejected(Clients, _options), InDays(14.1)));
        Assert.Equal(0, await CountAsync(Clients.Rejected));
    }

    [Fact]
    public async Task Blobs_of_users_stay_unless_they_are_told_to_go()
    {
        await UploadAsync(Clients.SpanLogs, 2);
        Assert.Equal(0, await RunAsync(new ExpiredRawLogs(Clients, new BlobProgressStore(Clients), _options), InDays(4_000)));

        _options.RawLogs = TimeSpan.FromDays(90);
        Assert.Equal(0, await RunAsync(new ExpiredRawLogs(Clients, new BlobProgressStore(Clients), _options), InDays(89)));
        Assert.Equal(2, await RunAsync(new ExpiredRawLogs(Clients, new BlobProgressStore(Clients), _options), InDays(91)));
        Assert.Equal(0, await CountAsync(Clients.SpanLogs));
    }

    [Fact]
    public async Task Poison_messages_are_deleted_once_they_are_old()
    {
        QueueClient poison = Clients.Queues.GetQueueClient("span-logs-poison");
        await poison.CreateIfNotExistsAsync();
        for (int i = 0; i < 40; i++)
        {
            await poison.SendMessageAsync($"poison {i}");
        }

        Assert.Equal(0, await RunAsync(new ExpiredPoison(Clients, _options), InDays(13.9)));
        Assert.Equal(40, await RunAsync(new ExpiredPoison(Clients, _options), InDays(14.1)));
        Assert.Empty((await poison.PeekMessagesAsync()).Value);
    }

    [Fact]
    public async Task A_chunk_that_nothing_can_read_does_not_stay_for_ever()
    {
        await WriteAsync("a", SpanBatches.Started(SpanBatches.IdIn(3, 0)));

        Assert.Equal(0, await RunAsync(new ExpiredChunks(Chunks, _options), Clock.GetUtcNow() + TimeSpan.FromDays(29)));
        Assert.Equal(1, await RunAsync(new ExpiredChunks(Chunks, _options), Clock.GetUtcNow() + TimeSpan.FromDays(31)));
        Assert.Empty(await RowsAsync(Clients.SpanChunks));
    }

    private static async Task<int> RunAsync(IRetentionStep step, DateTimeOffset now)
    {
        int deleted = 0;
        string? from = null;
        do
        {
            RetentionBatch batch = await step.RunAsync(now, from, CancellationToken.None);
            deleted += batch.Deleted;
            from = batch.Next;
        }
        while (from is not null);
        return deleted;
    }

    private static async Task UploadAsync(BlobContainerClient container, int count)
    {
        await foreach (var blob in container.GetBlobsAsync())
        {
            await container.DeleteBlobAsync(blob.Name);
        }

        for (int i = 0; i < count; i++)
        {
            await container.GetBlobClient($"folder/{i}").UploadAsync(BinaryData.FromString("x"));
        }
    }

    private static async Task<int> CountAsync(BlobContainerClient container)
    {
        int count = 0;
        await foreach (var _ in container.GetBlobsAsync())
        {
            count++;
        }

        return count;
    }
}
