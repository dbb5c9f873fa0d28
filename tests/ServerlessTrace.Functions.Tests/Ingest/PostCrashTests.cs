using System.Globalization;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Ingest;

/// <summary>The process dies, or an answer is lost, at each request of storing a post; its sender repeats until it is acknowledged.</summary>
public sealed class PostCrashTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private const string Spans =
        """
        [{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"a000000000000001","name":"pay","timestamp":1772128800000000,"duration":100000,"kind":"SERVER","localEndpoint":{"serviceName":"gateway"}},
         {"traceId":"0af7651916cd43dd8448eb211c80319c","id":"a000000000000002","parentId":"a000000000000001","name":"charge","timestamp":1772128800010000,"duration":50000,"localEndpoint":{"serviceName":"payments"}}]
        """;

    public static TheoryData<Fault> Faults => [Fault.DiesBefore, Fault.DiesAfter, Fault.AnswerLost];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Its_spans_are_there_once_and_its_receipt_with_its_acknowledgement(Fault fault)
    {
        Assert.False(await PostAsync(0, fault));
        StoredState expected = await StoredState.ReadAsync(this);
        Assert.Single(expected.Sealed);

        int failures = 0;
        for (int n = 1; await FailAsync(n); n++)
        {
            failures++;
        }

        // A service each, what was erased, a chunk, a receipt.
        Assert.InRange(failures, 4, 10);

        async Task<bool> FailAsync(int n)
        {
            await InitializeAsync();
            bool failed = await PostAsync(n, fault);
            expected.AssertEquals(await StoredState.ReadAsync(this));
            return failed;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_body_that_cannot_be_read_is_copied_before_it_is_acknowledged(Fault fault)
    {
        bool failed = true;
        for (int n = 1; failed; n++)
        {
            await InitializeAsync();
            string id = string.Empty;
            failed = await FailAsync(n, fault, async process =>
            {
                HttpResponse response = await process.PostSpanLogsAsync("this is no log");
                id = response.Headers.Location.ToString().Split('/')[^1];
                Assert.Empty(process.Windows);
                return response.StatusCode;
            });

            Assert.Equal(ReceiptState.Failed, (await Receipts.FindAsync(id, CancellationToken.None))!.State);
            Assert.Equal("this is no log", (await Clients.Rejected.GetBlobClient(id).DownloadContentAsync()).Value.Content.ToString());
        }
    }

    private async Task<bool> PostAsync(int n, Fault fault)
    {
        bool failed = await FailAsync(n, fault, async process =>
        {
            HttpResponse response = await process.PostZipkinAsync(Spans);
            if (response.StatusCode == StatusCodes.Status202Accepted)
            {
                Assert.Single(process.Windows);
                Assert.NotEmpty(await RowsAsync(Clients.SpanChunks));
                Assert.NotEmpty(await RowsAsync(Clients.Receipts));
            }

            return response.StatusCode;
        });
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();
        foreach (TableEntity receipt in await RowsAsync(Clients.Receipts))
        {
            Assert.Equal("2", Convert.ToString(receipt["Spans"], CultureInfo.InvariantCulture));
        }

        return failed;
    }

    /// <summary>Posts in a process that fails at its n-th request, and in another one if that does not acknowledge it.</summary>
    private async Task<bool> FailAsync(int n, Fault fault, Func<PostingProcess, Task<int>> post)
    {
        Requests.Fail(n, fault);
        int status = 0;
        try
        {
            using var process = new PostingProcess(Clients, Clock);
            status = await post(process);
        }
        catch (ProcessDiedException)
        {
            // Nothing was acknowledged.
        }

        bool failed = Requests.HasFailed;
        Requests.Clear();
        if (status != StatusCodes.Status202Accepted)
        {
            Assert.True(failed);
            using var next = new PostingProcess(Clients, Clock);
            Assert.Equal(StatusCodes.Status202Accepted, await post(next));
        }

        return failed;
    }
}
