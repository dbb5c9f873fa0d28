using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Erasure;

/// <summary>The process dies, or an answer is lost, at requests all over an erasure; the batch is repeated by another process, as the orchestration has it.</summary>
public sealed class ErasureCrashTests(AzuriteFixture azurite) : ErasureTest(azurite)
{
    private const int TheShard = 3;

    /// <summary>Every fourth request fails in one of the times: all 210 take more than a minute, and were tried.</summary>
    private const int Step = 4;

    private static readonly int Hour = BlockKey.HourOf(TraceBuilder.Epoch);

    [Fact]
    public async Task What_is_erased_does_not_depend_on_where_it_failed()
    {
        int failures = 0;
        for (int n = 1; ; n += Step)
        {
            // Each time other traces of another order, beside what the times before left: an open one, two sealed ones, one of them in a blob.
            string order = $"ord-{n}";
            TraceId[] gone = [.. Enumerable.Range(0, 3).Select(i => SpanBatches.IdIn(TheShard, (n * 4) + i))];
            TraceId kept = SpanBatches.IdIn(TheShard, (n * 4) + 3);
            await TakeInAsync($"a{n}", SpanBatches.Join(Ordered(gone[0], order), Huge(gone[1], order), Ordered(kept, "kept")));
            await WriteAsync($"b{n}", new TraceBuilder(gone[2]).Span(1, "gateway", "open", 0, null, kind: SpanKind.Server).With("order_id", order).Flush());
            await ForwardAsync(Ordered(gone[0], order), Ordered(kept, "kept"));

            ErasureRecord begun = await BeginAsync(ErasureTarget.Of("order_id", order));
            Requests.Fail(n, (Fault)(failures % 3));
            bool failed = await RunAsync(begun);
            Requests.Clear();

            ErasureRecord record = (await Erasures.FindAsync(begun.Id, CancellationToken.None))!;
            Assert.Equal((ErasureState.Done, 3L), (record.State, record.Traces));
            Assert.All(gone, trace => Assert.Null(Traces.ReadAsync(trace, CancellationToken.None).Result));
            Assert.NotNull(await Traces.ReadAsync(kept, CancellationToken.None));
            Assert.Empty(await Index.FindAsync(BusinessMark.Of("order_id", order), 0, Hour + 1, CancellationToken.None));
            Assert.DoesNotContain(gone[2], await OpenAsync(new Shard(TheShard)));
            Assert.Equal(failures + 1, (await WaitingAsync(new Shard(TheShard))).Count);
            Assert.Empty(await SpilledBlobsAsync());
            Assert.Empty(await Erasures.ReadWorkAsync(CancellationToken.None));
            if (!failed)
            {
                break;
            }

            failures++;
        }

        Assert.InRange(failures, 30, 80);
    }

    /// <summary>Runs to the end; returns whether the fault happened.</summary>
    private async Task<bool> RunAsync(ErasureRecord begun)
    {
        bool died = false;
        for (ErasureRun? run = new(begun.Id, begun.Hash); run is not null;)
        {
            WaitUntilDue(run);
            try
            {
                run = await NewEraser().RunAsync(run, CancellationToken.None);
            }
            catch (ProcessDiedException)
            {
                // The activity is repeated with the same input.
                died = true;
                Requests.Clear();
            }
        }

        return died || Requests.HasFailed;
    }

    private static SpanBatch Huge(TraceId trace, string order)
    {
        byte[] random = new byte[700_000];
        new Random((int)trace.Low).NextBytes(random);
        return new TraceBuilder(trace).Span(1, "gateway", "GET /huge", 0, 100).With("order_id", order).With("body", Convert.ToBase64String(random)).Flush();
    }
}
