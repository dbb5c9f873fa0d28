using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Blobs;

public sealed class BlobTriggerTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task A_blob_of_any_depth_runs_its_function_once()
    {
        var app = new TestApp(storage, typeof(BlobFunctions));
        await using LocalFunctionHost host = await app.StartAsync();

        await DropAsync(app, "2026/02/a b#ü?.log", "1");

        await app.Calls.WaitForAsync("2026/02/a b#ü?.log=1");
        await DropAsync(app, "next", "2");
        await app.Calls.WaitForAsync("next=2");
        Assert.Equal(2, app.Calls.All.Length);
    }

    [Fact]
    public async Task A_blob_is_taken_as_stream_text_or_bytes_and_its_path_as_parameters()
    {
        var app = new TestApp(storage, typeof(BlobBindingFunctions));
        await using LocalFunctionHost host = await app.StartAsync();

        await DropAsync(app, "stream/payment/a.log", "s");
        await DropAsync(app, "stream/payment/a.txt", "does not match");
        await DropAsync(app, "text/b", "tü");
        await DropAsync(app, "bytes/c", "12345");

        await app.Calls.WaitForAsync("stream:payment:a:s", "text:b:tü", "bytes:5");
        Assert.Equal(3, app.Calls.All.Length);
    }

    [Fact]
    public async Task A_changed_blob_runs_again()
    {
        var app = new TestApp(storage, typeof(BlobFunctions));
        await using LocalFunctionHost host = await app.StartAsync();
        await DropAsync(app, "a", "1");
        await app.Calls.WaitForAsync("a=1");

        await DropAsync(app, "a", "2");

        await app.Calls.WaitForAsync("a=2");
    }

    [Fact]
    public async Task A_restart_does_not_run_old_blobs_again_but_those_that_came_meanwhile()
    {
        var app = new TestApp(storage, typeof(BlobFunctions));
        await using (LocalFunctionHost host = await app.StartAsync())
        {
            await DropAsync(app, "old", "1");
            await DropAsync(app, "changed", "1");
            await app.Calls.WaitForAsync("old=1", "changed=1");
        }

        await DropAsync(app, "changed", "2");
        await DropAsync(app, "new", "1");
        await using LocalFunctionHost next = await app.StartAsync();

        await app.Calls.WaitForAsync("changed=2", "new=1");
        Assert.Equal(4, app.Calls.All.Length);
    }

    [Fact]
    public async Task A_blob_that_fails_too_often_is_reported_on_the_poison_queue()
    {
        var app = new TestApp(storage, typeof(BlobFunctions))
        {
            HostJson = """{"extensions":{"blobs":{"poisonBlobThreshold":3},"queues":{"visibilityTimeout":"00:00:00"}}}""",
        };
        await using LocalFunctionHost host = await app.StartAsync();

        await DropAsync(app, "bad.log", "x");

        QueueClient poison = storage.Queues.GetQueueClient("webjobs-blobtrigger-poison");
        await Eventually.TrueAsync(async () => await IsReportedAsync(poison, app.Place), () => "Not on the poison queue.");
        Assert.Equal(3, app.Calls.Count("bad.log=x"));
    }

    [Fact]
    public async Task A_blob_deleted_before_its_function_ran_is_no_failure()
    {
        var app = new TestApp(storage, typeof(BlobFunctions)) { Refusal = "not yet" };
        await using LocalFunctionHost host = await app.StartAsync();
        QueueClient reports = storage.Queues.GetQueueClient("azure-webjobs-blobtrigger-" + app.Place);
        await reports.SendMessageAsync(
            $$"""{"FunctionId":"Client","BlobType":"Block","ContainerName":"{{app.Place}}","BlobName":"gone","ETag":"1"}""");

        app.Refusal = null;

        await Eventually.TrueAsync(
            async () => (await reports.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0, () => "The report is still there.");
        Assert.Empty(app.Calls.All);
    }

    [Fact]
    public async Task Two_hosts_share_blobs_and_the_second_goes_on_alone()
    {
        var app = new TestApp(storage, typeof(BlobFunctions));
        await using LocalFunctionHost first = await app.StartAsync();
        await using LocalFunctionHost second = await app.StartAsync();
        string[] names = [.. Enumerable.Range(0, 60).Select(i => $"n{i}")];

        await Parallel.ForEachAsync(names, async (name, _) => await DropAsync(app, name, "1"));
        await app.Calls.WaitForAsync([.. names.Select(name => $"{name}=1")]);
        Assert.Equal(names.Length, app.Calls.All.Length);

        await first.StopAsync();
        await DropAsync(app, "after", "1");
        await app.Calls.WaitForAsync("after=1");
    }

    [Fact]
    public async Task A_blob_costs_a_handful_of_requests()
    {
        var app = new TestApp(storage, typeof(BlobFunctions));
        await using LocalFunctionHost host = await app.StartAsync();
        await DropAsync(app, "first", "1");
        await app.Calls.WaitForAsync("first=1");
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"n{i}")];
        long before = RequestsButPolling(host);

        await Parallel.ForEachAsync(names, async (name, _) => await DropAsync(app, name, "1"));
        await app.Calls.WaitForAsync([.. names.Select(name => $"{name}=1")]);
        await host.StopAsync();

        // A message, its delete, a part of a receive and of a receipt; the download is the function's own.
        Assert.InRange(RequestsButPolling(host) - before, 300, 400);
    }

    private static long RequestsButPolling(LocalFunctionHost host) => host.StorageRequests.ByOperation
        .Where(pair => !(pair.Key.StartsWith("GET azure-webjobs", StringComparison.Ordinal) || pair.Key.StartsWith("PUT azure-webjobs-hosts", StringComparison.Ordinal)))
        .Sum(pair => pair.Value);

    private static async Task<bool> IsReportedAsync(QueueClient poison, string container)
    {
        if (!await poison.ExistsAsync())
        {
            return false;
        }

        PeekedMessage[] messages = await poison.PeekMessagesAsync(32);
        return messages.Any(message => message.MessageText.Contains(container, StringComparison.Ordinal));
    }

    private async Task DropAsync(TestApp app, string name, string content)
    {
        BlobClient blob = storage.Blobs.GetBlobContainerClient(app.Place).GetBlobClient(name);
        await blob.UploadAsync(BinaryData.FromString(content), overwrite: true);
    }
}
