using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Retention;

/// <summary>Which traces are deleted when, and what is left when the process dies meanwhile.</summary>
public sealed class ExpiredTracesTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private static readonly TraceId Ordinary = SpanBatches.IdIn(3, 0);
    private static readonly TraceId Failed = SpanBatches.IdIn(3, 1);
    private static readonly TraceId Slow = SpanBatches.IdIn(3, 2);
    private static readonly TraceId Huge = SpanBatches.IdIn(3, 3);

    private readonly RetentionOptions _options = new();

    [Fact]
    public async Task Ordinary_traces_go_first_and_errors_and_slow_ones_later()
    {
        await SealAllAsync();
        DateTimeOffset sealedAt = Clock.GetUtcNow();

        await ExpireAsync(sealedAt + TimeSpan.FromDays(13.9));
        Assert.Equal(Sorted(Ordinary, Failed, Slow, Huge), await StoredAsync());

        await ExpireAsync(sealedAt + TimeSpan.FromDays(14.1));
        Assert.Equal(Sorted(Failed, Slow), await StoredAsync());
        Assert.Equal(Sorted(Failed, Slow), await ListedAsync());

        await ExpireAsync(sealedAt + TimeSpan.FromDays(29.9));
        Assert.Equal(Sorted(Failed, Slow), await StoredAsync());

        await ExpireAsync(sealedAt + TimeSpan.FromDays(30.1));
        Assert.Empty(await StoredAsync());
        Assert.Empty(await RowsAsync(Clients.TraceBlocks));
    }

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    [InlineData(Fault.AnswerLost)]
    public async Task Merged_blocks_get_old_like_others_and_their_hour_can_be_filled_again(Fault fault)
    {
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            await SealAllAsync();
            await WriteAsync("b", SpanBatches.Complete(SpanBatches.IdIn(2, 0)));
            await SealAsync();
            Clock.Advance(TimeSpan.FromHours(2));
            Assert.True(await Compaction.CompactAsync(100, CancellationToken.None) > 1);
            DateTimeOffset sealedAt = Clock.GetUtcNow();

            bool failed = await FailAndRepeatAsync(n, fault, sealedAt + TimeSpan.FromDays(15));
            Assert.Equal(Sorted(Failed, Slow), await StoredAsync());
            Assert.Equal(Sorted(Failed, Slow), await ListedAsync());
            failed |= await FailAndRepeatAsync(n, fault, sealedAt + TimeSpan.FromDays(31));
            Assert.Empty(await StoredAsync());
            Assert.Empty(await RowsAsync(Clients.TraceBlocks));

            // Logs of that hour that are sent only now.
            await SealAllAsync();
            await WriteAsync("late", SpanBatches.Complete(SpanBatches.IdIn(2, 0)));
            await SealAsync();
            Clock.Advance(TimeSpan.FromHours(2));
            await Compaction.CompactAsync(100, CancellationToken.None);
            Assert.Equal(5, (await ListedAsync()).Count);
            if (!failed)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task The_index_of_business_values_goes_with_the_last_traces_of_its_hours()
    {
        await WriteAsync("a", new TraceBuilder(Ordinary).Span(1, "shop", "pay", 0, 10).With("order_id", "ord-7").Flush());
        await SealAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await WriteAsync("b", new TraceBuilder(Slow).Span(1, "shop", "pay", 0, 10).With("order_id", "ord-8").Flush());
        await SealAsync();
        Clock.Advance(TimeSpan.FromHours(2));
        await Compaction.CompactAsync(100, CancellationToken.None);
        Assert.NotEmpty(await RowsAsync(Clients.BusinessKeys));

        // Rows are dated by Azurite's clock.
        var step = new ExpiredBusinessKeys(Index, _options);
        DateTimeOffset three = new(DateTime.UtcNow.Date.AddHours(3), TimeSpan.Zero);
        Assert.Null((await step.RunAsync(three.AddHours(1).AddDays(40), null, CancellationToken.None)).Next);
        await RunAsync(step, three.AddDays(20));
        Assert.NotEmpty(await RowsAsync(Clients.BusinessKeys));
        await RunAsync(step, three.AddDays(40));
        Assert.Empty(await RowsAsync(Clients.BusinessKeys));
    }

    [Fact]
    public async Task What_is_sealed_late_is_not_old_because_it_began_long_ago()
    {
        Clock.Advance(TimeSpan.FromDays(400));
        await WriteAsync("a", SpanBatches.Complete(Ordinary));
        await SealAsync();

        await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(13));
        Assert.Single(await StoredAsync());

        await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(15));
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task Late_spans_of_a_trace_that_is_gone_make_a_new_one()
    {
        await SealAllAsync();
        await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(15));
        Clock.Advance(TimeSpan.FromDays(15));
        await WriteAsync("late", SpanBatches.Complete(Ordinary));
        await SealAsync();

        Assert.Equal(Sorted(Ordinary, Failed, Slow), await StoredAsync());
        Assert.Equal(Sorted(Ordinary, Failed, Slow), await ListedAsync());
        await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(31));
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task The_blobs_of_traces_that_are_gone_go_too_and_those_of_others_stay()
    {
        await SealAllAsync();
        TraceId kept = SpanBatches.IdIn(1, 0);
        await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(15));
        await WriteAsync("kept", SpanBatches.Huge(kept));
        await SealAsync();
        Assert.Equal(2, (await SpilledBlobsAsync()).Count);

        await new UnnamedSpills(Clients, Traces).RunAsync(DateTimeOffset.UtcNow.AddHours(2), null, CancellationToken.None);

        Assert.Contains(kept.ToString(), Assert.Single(await SpilledBlobsAsync()), StringComparison.Ordinal);
        Assert.NotNull(await Traces.ReadAsync(kept, CancellationToken.None));
    }

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    [InlineData(Fault.AnswerLost)]
    public async Task Wherever_it_fails_the_next_run_does_the_rest(Fault fault)
    {
        int failures = 0;
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            await SealAllAsync();
            DateTimeOffset then = Clock.GetUtcNow() + TimeSpan.FromDays(15);
            bool failed = await FailAndRepeatAsync(n, fault, then);
            Assert.Equal(Sorted(Failed, Slow), await StoredAsync());
            Assert.Equal(Sorted(Failed, Slow), await ListedAsync());
            if (!failed)
            {
                break;
            }

            failures++;
        }

        Assert.InRange(failures, 3, 20);
    }

    [Fact]
    public async Task A_thousand_traces_cost_few_requests()
    {
        await WriteAsync("a", SpanBatches.Generated(10_000, LoadShape.Benchmark));
        await SealAsync();
        int traces = (await StoredAsync()).Count;
        _options.SlowFrom = TimeSpan.FromHours(1);
        Requests.Clear();

        int deleted = await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(31));

        Assert.Equal(1_000, traces);
        Assert.Equal(traces, deleted);
        Assert.Empty(await StoredAsync());
        Assert.True(Requests.Count <= 60, $"{Requests.Count} requests:\n{string.Join('\n', Requests.Requests)}");
    }

    private async Task SealAllAsync()
    {
        await WriteAsync("a", SpanBatches.Join(
            SpanBatches.Complete(Ordinary),
            new TraceBuilder(Failed).Span(1, "gateway", "GET /orders", 0, 100, kind: SpanKind.Server).Failed("no").Flush(),
            new TraceBuilder(Slow).Span(1, "gateway", "GET /orders", 0, 6_000, kind: SpanKind.Server).Flush(),
            SpanBatches.Huge(Huge)));
        await SealAsync();
    }

    private async Task<bool> FailAndRepeatAsync(int n, Fault fault, DateTimeOffset now)
    {
        Requests.Fail(n, fault);
        try
        {
            await ExpireAsync(now);
        }
        catch (ProcessDiedException)
        {
            // The platform calls the activity again.
        }

        bool failed = Requests.HasFailed;
        Requests.Clear();
        await ExpireAsync(now);
        return failed;
    }

    private Task<int> ExpireAsync(DateTimeOffset now) => RunAsync(new ExpiredTraces(Clients, _options), now);

    private static async Task<int> RunAsync(IRetentionStep step, DateTimeOffset now)
    {
        int deleted = 0;
        RetentionBatch batch;
        string? from = null;
        do
        {
            batch = await step.RunAsync(now, from, CancellationToken.None);
            deleted += batch.Deleted;
            from = batch.Next;
        }
        while (from is not null);
        return deleted;
    }

    private async Task<List<string>> StoredAsync() => [.. (await RowsAsync(Clients.Traces)).Select(row => row.RowKey).Order(StringComparer.Ordinal)];

    private async Task<List<string>> ListedAsync()
    {
        var listed = new List<string>();
        await foreach ((_, IReadOnlyList<TraceSummary> summaries) in Blocks.ReadHoursAsync(0, 9_999_999, CancellationToken.None))
        {
            listed.AddRange(summaries.Select(summary => summary.TraceId.ToString()));
        }

        return [.. listed.Order(StringComparer.Ordinal)];
    }

    private static List<string> Sorted(params TraceId[] traces) => [.. traces.Select(trace => trace.ToString()).Order(StringComparer.Ordinal)];
}
