using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Tests.Chunks;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Sealing;

public sealed class ShardSealerTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private static readonly TraceId Id = SpanBatches.IdIn(3, 0);

    [Fact]
    public async Task A_complete_trace_is_sealed_at_once_and_nothing_stays_open()
    {
        await WriteAsync("a", SpanBatches.Complete(Id));

        SealResult result = await SealAsync();

        Assert.Equal(new SealResult(1, 0, 0, 0), result);
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal((1, SpanBatches.Merged(SpanBatches.Complete(Id))[Id]), stored.Sealed[Id]);
        Assert.Single(stored.Summaries);
        Assert.Empty(stored.OpenChunks);
    }

    [Fact]
    public async Task A_trace_with_an_open_span_waits_for_the_quiet_period_after_its_newest_part()
    {
        await WriteAsync("a", SpanBatches.Started(Id));
        Clock.Advance(TimeSpan.FromSeconds(4));
        await WriteAsync("b", new TraceBuilder(Id).Span(2, "orders", "load", 1, 2, parent: 1).Flush());
        DateTimeOffset newest = Clock.GetUtcNow();

        SealResult waiting = await SealAsync();
        Clock.SetUtcNow(newest + Options.QuietPeriod - TimeSpan.FromMilliseconds(1));
        SealResult stillWaiting = await SealAsync();
        Clock.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(waiting.DueUnixMs));
        SealResult quiet = await SealAsync();

        Assert.Equal((0, 1), (waiting.Sealed, waiting.Open));
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(waiting.DueUnixMs) - newest - Options.QuietPeriod, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.Equal((0, 1), (stillWaiting.Sealed, stillWaiting.Open));
        Assert.Equal(new SealResult(1, 0, 0, 0), quiet);
        Assert.Equal(1, (await StoredState.ReadAsync(this)).Sealed[Id].Revision);
    }

    [Fact]
    public async Task A_trace_that_never_turns_quiet_is_sealed_at_its_maximum_age()
    {
        DateTimeOffset first = Clock.GetUtcNow();
        Options.MaximumAge = TimeSpan.FromMinutes(1);
        for (ulong part = 0; Clock.GetUtcNow() < first + Options.MaximumAge; part++)
        {
            await WriteAsync($"s{part}", new TraceBuilder(Id).Span(10 + part, "orders", "step", part, part + 1, parent: 1).Flush());
            Assert.Equal(0, (await SealAsync()).Sealed);
            Clock.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Equal(1, (await SealAsync()).Sealed);
    }

    [Fact]
    public async Task Traces_whose_parts_came_after_the_window_are_left_to_a_later_one()
    {
        DateTimeOffset windowEnd = Clock.GetUtcNow().AddSeconds(1);
        await WriteAsync("a", SpanBatches.Started(SpanBatches.IdIn(3, 0)));
        Clock.Advance(TimeSpan.FromSeconds(2));
        await WriteAsync("b", SpanBatches.Started(SpanBatches.IdIn(3, 1)));

        SealResult ofWindow = await SealAsync(windowEnd);
        SealResult ofNext = await SealAsync(windowEnd.AddSeconds(5));

        Assert.Equal(1, ofWindow.Open);
        Assert.Equal(2, ofNext.Open);
    }

    [Fact]
    public async Task One_look_when_the_last_trace_of_a_window_turns_quiet_is_enough()
    {
        // Each part a little later than the one before would otherwise be a look of its own at the whole shard.
        for (int i = 0; i < 10; i++)
        {
            await WriteAsync($"s{i}", SpanBatches.Started(SpanBatches.IdIn(3, i)));
            Clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        SealResult waiting = await SealAsync();
        Clock.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(waiting.DueUnixMs));
        SealResult quiet = await SealAsync();

        Assert.Equal(10, waiting.Open);
        Assert.Equal(new SealResult(10, 0, 0, 0), quiet);
    }

    [Fact]
    public async Task One_file_a_service_seconds_apart_gives_one_revision_where_the_services_are_known()
    {
        SpanBatch all = SpanBatches.Join(ShopTrace(0), ShopTrace(1), ShopTrace(2));
        string[] services = ["payments", "orders", "gateway"];
        await Services.AddAsync(all, CancellationToken.None);

        // The callers' files first: they wait for those who were called.
        foreach (string service in services.Reverse())
        {
            await WriteAsync(service, SpanBatches.Where(all, span => all.Text(span.Service) == service));
            Clock.Advance(TimeSpan.FromSeconds(3));
            await SealAsync();
        }

        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal(3, stored.Sealed.Count);
        Assert.All(stored.Sealed, trace => Assert.Equal((1, SpanBatches.Merged(all)[trace.Key]), trace.Value));
        Assert.Empty(stored.OpenChunks);
    }

    [Theory]
    [InlineData("peer.service", "stripe")]
    [InlineData("server.address", "api.stripe.com")]
    [InlineData("db.system", "postgresql")]
    public async Task A_call_to_a_peer_that_sends_no_spans_is_not_waited_for(string key, string value)
    {
        await WriteAsync("a", new TraceBuilder(Id)
            .Span(1, "gateway", "GET /", 0, 100, kind: SpanKind.Server)
            .Span(2, "gateway", "call", 10, 20, parent: 1, kind: SpanKind.Client).With(key, value)
            .Flush());

        Assert.Equal(1, (await SealAsync()).Sealed);
    }

    [Fact]
    public async Task A_start_and_an_end_hours_apart_give_two_revisions_of_one_trace()
    {
        await WriteAsync("a", SpanBatches.Started(Id));
        Clock.Advance(TimeSpan.FromSeconds(11));
        SealResult incomplete = await SealAsync();
        Clock.Advance(TimeSpan.FromHours(3));
        await WriteAsync("b", SpanBatches.Ended(Id, 3 * 3_600_000));
        SealResult ended = await SealAsync();

        Assert.Equal((1, 0), (incomplete.Sealed, incomplete.Resealed));
        Assert.Equal((0, 1), (ended.Sealed, ended.Resealed));
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal((2, SpanBatches.Merged(SpanBatches.Join(SpanBatches.Started(Id), SpanBatches.Ended(Id, 3 * 3_600_000)))[Id]), stored.Sealed[Id]);
        Assert.Contains("r2", Assert.Single(stored.Summaries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_late_span_makes_a_second_revision_equal_to_everything_at_once()
    {
        SpanBatch all = SpanBatches.Generated(300, LoadShape.Realistic);
        SpanBatch late = SpanBatches.Where(all, span => span.SpanId.Value % 3 == 0);
        await WriteAsync("a", SpanBatches.Where(all, span => span.SpanId.Value % 3 != 0));
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();
        await WriteAsync("b", late);
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();

        Dictionary<TraceId, string> expected = SpanBatches.Merged(all);
        HashSet<TraceId> early = [.. SpanBatches.Merged(SpanBatches.Where(all, span => span.SpanId.Value % 3 != 0)).Keys];
        HashSet<TraceId> lateIds = [.. SpanBatches.Merged(late).Keys];
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal(expected, stored.Sealed.ToDictionary(trace => trace.Key, trace => trace.Value.Spans));
        Assert.All(stored.Sealed, trace => Assert.Equal(early.Contains(trace.Key) && lateIds.Contains(trace.Key) ? 2 : 1, trace.Value.Revision));
        Assert.Contains(stored.Sealed, trace => trace.Value.Revision == 2);
        Assert.Equal(expected.Count, stored.Summaries.Count);
    }

    [Fact]
    public async Task A_source_that_is_delivered_again_after_sealing_changes_nothing()
    {
        SpanBatch all = SpanBatches.Generated(500, LoadShape.Realistic);
        await WriteAsync("a", all);
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealAsync();
        StoredState before = await StoredState.ReadAsync(this);

        Clock.Advance(TimeSpan.FromSeconds(60));
        await WriteAsync("a", all);
        await WriteAsync("a copy under another name", all);
        Clock.Advance(TimeSpan.FromSeconds(11));
        SealResult again = await SealAsync();

        Assert.Equal(new SealResult(0, 0, 0, 0), again);
        before.AssertEquals(await StoredState.ReadAsync(this));
    }

    [Fact]
    public async Task A_chunk_that_is_partly_sealed_shrinks_to_what_is_open()
    {
        TraceId complete = SpanBatches.IdIn(3, 0);
        TraceId open = SpanBatches.IdIn(3, 1);
        SpanBatch both = SpanBatches.Join(SpanBatches.Started(open), SpanBatches.Complete(complete));
        await WriteAsync("a", both);
        DateTimeOffset writtenAt = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromSeconds(5));

        SealResult result = await SealAsync();

        Assert.Equal((1, 1), (result.Sealed, result.Open));
        var chunk = Assert.Single(await Chunks.ReadAsync(new Shard(3), CancellationToken.None));
        Assert.Equal(SpanBatches.Describe(chunk.Packed), SpanBatchText.Describe(SpanBatches.Started(open), 0));
        Assert.Equal(writtenAt, chunk.WrittenAt);
        Assert.True(await Chunks.ReadTraceAsync(open, new SpanBatch(), CancellationToken.None));
        Assert.False(await Chunks.ReadTraceAsync(complete, new SpanBatch(), CancellationToken.None));
        Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(new SealResult(1, 0, 0, 0), await SealAsync());
        Assert.Empty((await StoredState.ReadAsync(this)).OpenChunks);
    }

    [Fact]
    public async Task A_trace_too_big_for_a_row_is_resealed_and_leaves_no_blob_behind()
    {
        SpanBatch big = SpanBatches.Big(Id, 800, 1_000);
        await WriteAsync("a", big);
        await SealAsync();
        string first = Assert.Single(await SpilledBlobsAsync());
        await WriteAsync("b", new TraceBuilder(Id).Span(5_000, "orders", "late", 5, 6, parent: 1).Flush());
        Clock.Advance(Options.QuietPeriod);
        await SealAsync();
        string second = Assert.Single(await SpilledBlobsAsync());
        await WriteAsync("a", big);
        SealResult again = await SealAsync();

        Assert.NotEqual(first, second);
        Assert.Equal(new SealResult(0, 0, 0, 0), again);
        Assert.Equal(second, Assert.Single(await SpilledBlobsAsync()));
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal(2, stored.Sealed[Id].Revision);
        Assert.Empty(stored.OpenChunks);
    }

    [Fact]
    public async Task A_backlog_that_is_too_long_to_be_unpacked_at_once_is_sealed_as_any_other()
    {
        TraceId[] ids = [.. Enumerable.Range(0, 60).Select(n => SpanBatches.IdIn(3, n))];
        SpanBatch all = SpanBatches.Join([.. ids.Select(id => SpanBatches.Big(id, spans: 6, bytesPerSpan: 12_000))]);
        await WriteAsync("gateway", SpanBatches.Where(all, span => all.Text(span.Service) == "gateway"));
        await WriteAsync("orders", SpanBatches.Where(all, span => all.Text(span.Service) == "orders"));
        await WriteAsync("open", SpanBatches.Join(SpanBatches.Started(SpanBatches.IdIn(3, 60)), SpanBatches.Complete(SpanBatches.IdIn(3, 61))));
        int packed = (await Chunks.ReadAsync(new Shard(3), CancellationToken.None)).Sum(chunk => chunk.Packed.Length);

        SealResult result = await SealAsync();

        Assert.True(packed > 2 << 20, "Fewer than three slices.");
        Assert.Equal((61, 0, 1), (result.Sealed, result.Resealed, result.Open));
        StoredState stored = await StoredState.ReadAsync(this);
        Dictionary<TraceId, string> merged = SpanBatches.Merged(all);
        Assert.All(ids, id => Assert.Equal((1, merged[id]), stored.Sealed[id]));
        Assert.Single(stored.OpenChunks);
    }

    [Fact]
    public async Task Two_sealers_of_one_shard_agree()
    {
        SpanBatch first = SpanBatches.Generated(1_000, LoadShape.Realistic);
        SpanBatch late = SpanBatches.Where(first, span => span.SpanId.Value % 2 == 0);
        await WriteAsync("a", SpanBatches.Where(first, span => span.SpanId.Value % 2 != 0));
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealBothAsync();
        await WriteAsync("b", late);
        Clock.Advance(TimeSpan.FromSeconds(11));
        await SealBothAsync();

        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Equal(SpanBatches.Merged(first), stored.Sealed.ToDictionary(trace => trace.Key, trace => trace.Value.Spans));
        Assert.All(stored.Sealed, trace => Assert.InRange(trace.Value.Revision, 1, 2));
        Assert.Equal(stored.Sealed.Count, stored.Summaries.Count);
        Assert.Empty(stored.OpenChunks);
    }

    [Fact]
    public async Task A_clock_that_jumps_back_loses_nothing()
    {
        await WriteAsync("a", SpanBatches.Join(SpanBatches.Complete(SpanBatches.IdIn(3, 0)), SpanBatches.Started(SpanBatches.IdIn(3, 1))));
        DateTimeOffset written = Clock.GetUtcNow();
        ShardSealer early = new(Chunks, Traces, Blocks, Services, Options, AnalysisOptions.Default, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(written.AddHours(-1)));

        SealResult first = await early.SealAsync(new Shard(3), written.AddMinutes(-59), CancellationToken.None);
        Clock.Advance(TimeSpan.FromSeconds(11));
        SealResult second = await SealAsync();

        // What was written in its future is not the early window's.
        Assert.Equal(new SealResult(1, 0, 0, 0), first);
        Assert.Equal(new SealResult(1, 0, 0, 0), second);
        Assert.Equal(2, (await StoredState.ReadAsync(this)).Summaries.Count);
    }

    [Fact]
    public async Task A_chunk_that_cannot_be_read_keeps_no_other_from_being_sealed()
    {
        await WriteAsync("a", SpanBatches.Complete(SpanBatches.IdIn(3, 0)));
        await WriteAsync("b", SpanBatches.Complete(SpanBatches.IdIn(3, 1)));
        var rows = await RowsAsync(Clients.SpanChunks);
        string damaged = rows[0].RowKey;
        rows[0]["P"] = new byte[] { 1, 2, 3, 4, 5 };
        await Clients.SpanChunks.UpdateEntityAsync(rows[0], rows[0].ETag, Azure.Data.Tables.TableUpdateMode.Replace);

        SealResult result = await SealAsync();

        Assert.Equal(new SealResult(1, 0, 0, 0, Unreadable: 1), result);
        StoredState stored = await StoredState.ReadAsync(this);
        Assert.Single(stored.Sealed);
        Assert.Equal([damaged], stored.OpenChunks);
    }

    private async Task SealBothAsync()
    {
        for (int shard = 0; shard < 4; shard++)
        {
            await Task.WhenAll(
                NewSealer().SealAsync(new Shard(shard), Clock.GetUtcNow(), CancellationToken.None),
                NewSealer().SealAsync(new Shard(shard), Clock.GetUtcNow(), CancellationToken.None));
        }
    }

    private static SpanBatch ShopTrace(int n) => new TraceBuilder(SpanBatches.IdIn(3, n))
        .Span(1, "gateway", "GET /orders", 0, 100, kind: SpanKind.Server)
        .Span(2, "gateway", "orders", 10, 90, parent: 1, kind: SpanKind.Client).With("peer.service", "orders")
        .Span(3, "orders", "load", 11, 80, parent: 2, kind: SpanKind.Server)
        .Span(4, "orders", "pay", 20, 70, parent: 3, kind: SpanKind.Client).With("peer.service", "payments")
        .Span(5, "payments", "charge", 21, 69, parent: 4, kind: SpanKind.Server)
        .Flush();
}
