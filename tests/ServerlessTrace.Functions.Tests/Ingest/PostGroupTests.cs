using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Functions.Ingest.Http;
using ServerlessTrace.Storage;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Ingest;

/// <summary>How posts are stored together, and what becomes of them while storage is slow.</summary>
public sealed class PostGroupTests : StorageTest
{
    private readonly Gate _gate = new();
    private readonly StorageClients _gated;

    public PostGroupTests(AzuriteFixture azurite)
        : base(azurite)
    {
        var options = new TableClientOptions();
        options.AddPolicy(_gate, HttpPipelinePosition.PerRetry);
        options.Retry.MaxRetries = 0;
        _gated = new StorageClients(
            new TableServiceClient(azurite.ConnectionString, options), new BlobServiceClient(azurite.ConnectionString), new QueueServiceClient(azurite.ConnectionString));
    }

    [Fact]
    public async Task Posts_that_come_while_others_are_being_stored_are_stored_together()
    {
        using var process = new PostingProcess(_gated, Clock);
        Assert.Equal(StatusCodes.Status202Accepted, await StatusAsync(process.PostZipkinAsync(Spans(0))));
        _gate.Close();
        Task<int> first = StatusAsync(process.PostZipkinAsync(Spans(1)));
        await _gate.Waiting;
        Task<int>[] others = [.. Enumerable.Range(2, 20).Select(n => StatusAsync(process.PostZipkinAsync(Spans(n))))];
        Assert.DoesNotContain(others, post => post.IsCompleted);
        _gate.Open();

        Assert.All(await Task.WhenAll([first, .. others]), status => Assert.Equal(StatusCodes.Status202Accepted, status));
        Assert.Equal(
            ["POST /zipkin/api/v2/spans", "POST /zipkin/api/v2/spans", "POST /zipkin/api/v2/spans (20 requests)"],
            (await RowsAsync(Clients.Receipts)).Select(row => row.GetString("Source")).Order(StringComparer.Ordinal));
        Assert.Equal(22, (await RowsAsync(Clients.Receipts)).Sum(row => row.GetInt64("Spans")));
        Assert.Equal(22, (await SealAsync()).Sealed);
        Assert.Equal(0, process.Load.Buffered);
    }

    [Fact]
    public async Task While_storage_does_not_answer_senders_are_asked_to_repeat_and_memory_is_bounded()
    {
        // The real clock: a post waits 0.3 s at most.
        var options = new HttpIntakeOptions { StoreTimeout = TimeSpan.FromMilliseconds(300), BufferedBytes = 20_000 };
        using var process = new PostingProcess(_gated, TimeProvider.System, options);
        _gate.Close();

        HttpResponse[] refused = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => process.PostZipkinAsync(Spans(n))));

        Assert.Equal([StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable], refused.Select(response => response.StatusCode).Distinct().Order());
        Assert.All(refused, response => Assert.InRange(int.Parse(response.Headers.RetryAfter.ToString(), null), 1, 30));
        Assert.Equal(0, process.Load.Buffered);
        _gate.Open();
        Assert.Equal(StatusCodes.Status202Accepted, await StatusAsync(process.PostZipkinAsync(Spans(0))));
        Assert.Equal(0, process.Load.Buffered);
    }

    private static async Task<int> StatusAsync(Task<HttpResponse> response) => (await response).StatusCode;

    private static string Spans(int n) =>
        $$$"""[{"traceId":"0af7651916cd43dd{{{n:x16}}}","id":"a000000000000001","name":"pay","timestamp":1772128800000000,"duration":100000,"localEndpoint":{"serviceName":"gateway"}}]""";
}
