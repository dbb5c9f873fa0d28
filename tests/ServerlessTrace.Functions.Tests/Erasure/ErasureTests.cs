using Azure.Data.Tables;
using Azure.Storage.Blobs;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Erasure;

public sealed class ErasureTests(AzuriteFixture azurite) : ErasureTest(azurite)
{
    private const string Value = "ord-secret-1";
    private static readonly TraceId Gone = SpanBatches.IdIn(3, 0);
    private static readonly TraceId Other = SpanBatches.IdIn(3, 1);
    private static readonly Shard Three = new(3);
    private static readonly int Hour = BlockKey.HourOf(TraceBuilder.Epoch);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sealed_trace_is_gone_from_rows_searches_and_the_index_and_others_stay(bool isMerged)
    {
        await TakeInAsync("a", SpanBatches.Join(Ordered(Gone, Value), Ordered(Other, "ord-2")));
        if (isMerged)
        {
            await TakeInAsync("b", Ordered(SpanBatches.IdIn(3, 2), "ord-3"));
            Clock.Advance(TimeSpan.FromHours(2));
            Assert.Equal(2, await Compaction.CompactAsync(10, CancellationToken.None));
        }

        ErasureRecord record = await EraseAsync(ErasureTarget.Of(Gone));

        Assert.Equal((ErasureState.Done, 1L), (record.State, record.Traces));
        Assert.Null(await Traces.ReadAsync(Gone, CancellationToken.None));
        Assert.Empty(await Index.FindAsync(BusinessMark.Of("order_id", Value), 0, Hour + 1, CancellationToken.None));
        TracePage page = await Search.FindAsync(new TraceQuery { Limit = 500 }, CancellationToken.None);
        Assert.DoesNotContain(Gone, page.Traces.Select(trace => trace.TraceId));
        Assert.Contains(Other, page.Traces.Select(trace => trace.TraceId));
        Assert.NotNull(await Traces.ReadAsync(Other, CancellationToken.None));
        Assert.Equal([Other], (await Index.FindAsync(BusinessMark.Of("order_id", "ord-2"), 0, Hour + 1, CancellationToken.None)).Keys);
        await AssertNamedNowhereAsync();
    }

    [Fact]
    public async Task What_was_measured_stays_in_sums_that_name_nobody()
    {
        await TakeInAsync("a", Ordered(Gone, Value));
        List<string> before = await SumsAsync();
        await EraseAsync(ErasureTarget.Of(Gone));
        Assert.NotEmpty(before);
        Assert.Equal(before, await SumsAsync());
    }

    [Fact]
    public async Task A_value_that_latency_is_measured_by_goes_out_of_the_sums()
    {
        Analysis = Analysis with { MeasuredAttributes = ["order_id"] };
        await TakeInAsync("a", SpanBatches.Join(Ordered(Gone, Value), Ordered(Other, "ord-2")));
        await EraseAsync(ErasureTarget.Of("order.id", Value));

        var sum = await Aggregates.ReadAsync(Clock.GetUtcNow().AddHours(-1), Clock.GetUtcNow(), CancellationToken.None);
        Assert.Equal(["ord-2"], sum.Attributes.All.Select(item => item.Series.Value).Distinct());
    }

    [Fact]
    public async Task Everything_of_a_value_is_erased_sealed_open_and_waiting_and_nothing_of_a_similar_one()
    {
        TraceId open = SpanBatches.IdIn(1, 0), waiting = SpanBatches.IdIn(2, 0), similar = SpanBatches.IdIn(3, 9);
        await TakeInAsync("a", SpanBatches.Join(Ordered(Gone, Value), Ordered(similar, Value + "0"), Ordered(Other, "ord-2")));
        await WriteAsync("b", new TraceBuilder(open).Span(1, "gateway", "open", 0, null, kind: SpanKind.Server).With("orderId", Value).Flush());
        await ForwardAsync(Ordered(waiting, Value), Ordered(SpanBatches.IdIn(2, 1), "ord-4"));

        ErasureRecord record = await EraseAsync(ErasureTarget.Of("order_id", Value));

        Assert.Equal(3, record.Traces);
        Assert.Equal("orderid", record.Key);
        Assert.Null(await Traces.ReadAsync(Gone, CancellationToken.None));
        Assert.NotNull(await Traces.ReadAsync(similar, CancellationToken.None));
        Assert.NotNull(await Traces.ReadAsync(Other, CancellationToken.None));
        Assert.Empty(await OpenAsync(new Shard(1)));
        Assert.Equal([SpanBatches.IdIn(2, 1)], await WaitingAsync(new Shard(2)));
    }

    [Fact]
    public async Task A_chunk_and_a_batch_of_many_traces_lose_only_the_erased_one()
    {
        await WriteAsync("a", SpanBatches.Join(SpanBatches.Started(Gone), SpanBatches.Started(Other)));
        await WriteAsync("huge", SpanBatches.Huge(Gone));
        await ForwardAsync(SpanBatches.Complete(Gone), SpanBatches.Complete(Other), SpanBatches.Huge(Gone));
        Assert.Equal(2, (await SpilledBlobsAsync()).Count);

        await EraseAsync(ErasureTarget.Of(Gone));

        Assert.Equal([Other], await OpenAsync(Three));
        Assert.Equal([Other], await WaitingAsync(Three));
        Assert.Empty(await SpilledBlobsAsync());
        await AssertNamedNowhereAsync();
    }

    [Fact]
    public async Task A_trace_too_big_for_a_row_leaves_no_blob()
    {
        await TakeInAsync("a", SpanBatches.Huge(Gone));
        Assert.NotEmpty(await SpilledBlobsAsync());
        await EraseAsync(ErasureTarget.Of(Gone));
        Assert.Empty(await SpilledBlobsAsync());
    }

    [Fact]
    public async Task Alerts_and_what_is_told_of_them_forget_the_trace_and_stay()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"50ms"}""");
        await TakeInAsync("a", SpanBatches.Join(SpanBatches.Complete(Gone), SpanBatches.Complete(Other)));
        foreach (AlertNotification notification in Told.Once)
        {
            await Deliveries.AddAsync(notification, CancellationToken.None);
        }

        await EraseAsync(ErasureTarget.Of(Gone));

        List<LoggedTransition> log = await TransitionsAsync();
        Assert.Equal(2, log.Count);
        LoggedTransition erased = Assert.Single(log, transition => transition.Traces.Count == 0);
        Assert.DoesNotContain("GET /orders", erased.Summary, StringComparison.Ordinal);
        Assert.Equal([Other.ToString()], log.SelectMany(transition => transition.Traces).Select(trace => trace.TraceId));
        AlertNotification[] told = await Task.WhenAll(Told.Once.Select(async notification => (await Deliveries.FindNotificationAsync(notification.Id, CancellationToken.None))!));
        Assert.Equal([Other.ToString()], told.SelectMany(notification => notification.Alert.Traces).Select(trace => trace.TraceId));

        // That it found the other, and which alerts were told: they are known by hashes.
        Assert.Equal(2, (await RowsAsync(Clients.TraceAlerts)).Count);
        await AssertNamedNowhereAsync();
    }

    [Fact]
    public async Task Excerpts_and_copies_that_tell_of_it_are_erased_and_sources_are_named()
    {
        await DeleteBlobsAsync(Clients.Rejected, Clients.SpanLogs);
        string line = $$"""{"trace_id":"{{Gone}}","span_id":"xyz"}""";
        var id = new ReceiptId(Clock.GetUtcNow(), Source("a"));
        await Receipts.WriteAsync(
            new Receipt(id, "span-logs/a", ReceiptState.Partial) { Rejected = 2, Rejections = [new Rejection(1, 0, "no id", line), new Rejection(2, 9, "no id", "fine")], Spans = 5 },
            CancellationToken.None);
        await UploadAsync(Clients.Rejected, "has", new string('x', 2 << 20) + line);
        await UploadAsync(Clients.Rejected, "has not", "something else");
        await Clients.Rejected.GetBlobClient("binary").UploadAsync(
            BinaryData.FromBytes(new byte[] { 0, 1, 2 }), new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = new Dictionary<string, string> { ["redacted"] = "no" } });
        await UploadAsync(Clients.SpanLogs, "logs/a.ndjson", Record(Other) + Record(Gone));
        await UploadAsync(Clients.SpanLogs, "logs/b.ndjson", Record(Other));
        Retention.RawLogs = TimeSpan.FromDays(90);

        ErasureRecord record = await EraseAsync(ErasureTarget.Of(Gone));

        Receipt receipt = (await Receipts.FindAsync(id.RowKey, CancellationToken.None))!;
        Assert.Equal(["[erased]", "fine"], receipt.Rejections.Select(rejection => rejection.Excerpt));
        Assert.Equal((5L, 2L), (receipt.Spans, receipt.Rejected));
        Assert.Equal(["binary", "has not"], await NamesAsync(Clients.Rejected));
        Assert.Equal(1, record.Unsearched);
        ErasureSource source = Assert.Single(record.Sources);
        Assert.Equal(("logs/a.ndjson", false), (source.Name, source.IsDeleted));
        Assert.Equal(source.ModifiedAt.AddDays(90), source.KeptUntil);
        Assert.True(record.MayBeForwarded);
        Assert.Equal(2, (await NamesAsync(Clients.SpanLogs)).Count);
    }

    [Fact]
    public async Task Sources_are_deleted_where_that_is_wanted_and_all_of_them_is_taken_in()
    {
        await DeleteBlobsAsync(Clients.SpanLogs);
        Erasing.DeleteRawLogs = true;
        await UploadAsync(Clients.SpanLogs, "taken-in", Record(Gone));
        await UploadAsync(Clients.SpanLogs, "not-yet", Record(Gone));
        await UploadAsync(Clients.SpanLogs, "other", Record(Other));
        var properties = (await Clients.SpanLogs.GetBlobClient("taken-in").GetPropertiesAsync()).Value;
        var id = new ReceiptId(properties.LastModified, SourceId.OfBlob(StorageNames.SpanLogs, "taken-in", properties.ETag.ToString("H")));
        await Receipts.WriteAsync(new Receipt(id, "span-logs/taken-in", ReceiptState.Complete), CancellationToken.None);

        ErasureRecord record = await EraseAsync(ErasureTarget.Of(Gone));

        Assert.Equal(["not-yet", "other"], await NamesAsync(Clients.SpanLogs));
        Assert.Equal([("not-yet", false), ("taken-in", true)], record.Sources.Select(source => (source.Name, source.IsDeleted)));
    }

    [Fact]
    public async Task What_is_delivered_again_or_late_does_not_come_back()
    {
        await TakeInAsync("a", SpanBatches.Join(Ordered(Gone, Value), Ordered(Other, "ord-2")));
        await EraseAsync(ErasureTarget.Of(Gone));
        Clock.Advance(ErasedTraces.Freshness);

        await Chunks.WriteAsync(
            Source("a"), 0, SpanBatches.Join(Ordered(Gone, Value), Ordered(Other, "ord-2")), CancellationToken.None);
        Assert.Equal([Other], await OpenAsync(Shard.Of(Other)));
        await new ServerlessTrace.Storage.Chunks.ChunkStore(Clients, Clock).WriteAsync(Source("late"), 0, SpanBatches.Started(Gone), CancellationToken.None);
        await SealWatchedAsync();

        Assert.Null(await Traces.ReadAsync(Gone, CancellationToken.None));
        Assert.Null(await new TraceLoader(Traces, Chunks, NewErased()).FindAsync(Gone, CancellationToken.None));
        Assert.Empty(await RowsAsync(Clients.SpanChunks));
        Assert.NotNull(await Traces.ReadAsync(Other, CancellationToken.None));
    }

    [Fact]
    public async Task Who_sealed_it_again_before_knowing_is_found_by_the_second_look()
    {
        await TakeInAsync("a", Ordered(Gone, Value));
        ErasureRecord record = await EraseAsync(ErasureTarget.Of(Gone), whileSettling: async () =>
        {
            await new ServerlessTrace.Storage.Chunks.ChunkStore(Clients, Clock).WriteAsync(Source("again"), 0, Ordered(Gone, Value), CancellationToken.None);
            await new ServerlessTrace.Storage.Sealing.ShardSealer(Chunks, Traces, Blocks, Services, Options, Analysis, Clock)
                .SealAsync(Three, Clock.GetUtcNow().AddSeconds(1), CancellationToken.None);
            Assert.NotNull(await Traces.ReadAsync(Gone, CancellationToken.None));
        });

        Assert.Equal(1, record.Traces);
        Assert.Null(await Traces.ReadAsync(Gone, CancellationToken.None));
        await AssertNamedNowhereAsync();
    }

    [Fact]
    public async Task The_record_says_who_and_when_and_whoever_knows_the_value_can_ask_for_it()
    {
        ErasureRecord one = await EraseAsync(ErasureTarget.Of("order_id", Value));
        ErasureRecord two = await EraseAsync(ErasureTarget.Of(Gone));

        Assert.Equal(("ann", "case 7", false), (one.By, one.Reason, one.IsByVerified));
        Assert.NotNull(one.CompletedAt);
        Assert.Equal([two.Id, one.Id], (await ReadAsync(null)).Select(record => record.Id));
        Assert.Equal([one.Id], (await ReadAsync(ErasureTarget.Of("OrderId", Value))).Select(record => record.Id));
        Assert.Empty(await ReadAsync(ErasureTarget.Of("order_id", "ord-2")));
        Assert.Equal(["records", "records", "state", "traces"], (await RowsAsync(Clients.Erasures)).Select(row => row.PartitionKey).Order(StringComparer.Ordinal));
        await AssertNamedNowhereAsync();
    }

    [Fact]
    public async Task Asked_for_twice_it_is_one_erasure_while_it_is_under_way_and_another_afterwards()
    {
        ErasureRecord first = await BeginAsync(ErasureTarget.Of(Gone));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first.Id, (await BeginAsync(ErasureTarget.Of(Gone))).Id);
        Assert.NotEqual(first.Id, (await BeginAsync(ErasureTarget.Of(Other))).Id);
        Assert.Equal(first.Id, (await EraseAsync(ErasureTarget.Of(Gone))).Id);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first.Id, (await BeginAsync(ErasureTarget.Of(Gone))).Id);
    }

    [Fact]
    public async Task Old_records_go_and_what_they_kept_away_may_come_again()
    {
        await EraseAsync(ErasureTarget.Of(Gone));
        var step = new ExpiredErasures(Erasures, NewErased(), Retention);
        Assert.Equal(0, (await step.RunAsync(Clock.GetUtcNow().AddDays(1_094), null, CancellationToken.None)).Deleted);
        Assert.Equal(1, (await step.RunAsync(Clock.GetUtcNow().AddDays(1_096), null, CancellationToken.None)).Deleted);

        ErasedTraces erased = NewErased();
        await erased.RefreshAsync(CancellationToken.None);
        Assert.False(erased.Contains(Gone));
        Assert.Equal(["state"], (await RowsAsync(Clients.Erasures)).Select(row => row.PartitionKey));
    }

    /// <summary>Looks through every row for the trace's id and the value, in each form in which they are stored uncompressed.</summary>
    private async Task AssertNamedNowhereAsync()
    {
        byte[][] forms =
        [
            System.Text.Encoding.UTF8.GetBytes(Gone.ToString()),
            System.Text.Encoding.UTF8.GetBytes(Value),
            [.. BitConverter.GetBytes(Gone.High), .. BitConverter.GetBytes(Gone.Low)],
            [.. BitConverter.GetBytes(Gone.Low), .. BitConverter.GetBytes(Gone.High)],
            Convert.FromHexString(Gone.ToString()),
        ];
        await foreach (var table in Clients.Tables.QueryAsync())
        {
            foreach (TableEntity row in await RowsAsync(Clients.Tables.GetTableClient(table.Name)))
            {
                foreach ((string property, object value) in row)
                {
                    byte[] bytes = value as byte[] ?? System.Text.Encoding.UTF8.GetBytes(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!);
                    Assert.All(forms, form => Assert.True(bytes.AsSpan().IndexOf(form) < 0, $"{table.Name} {row.RowKey} {property}"));
                }
            }
        }
    }

    private async Task<List<string>> SumsAsync() =>
        StoredState.Describe(await Aggregates.ReadAsync(DateTimeOffset.FromUnixTimeMilliseconds(TraceBuilder.Epoch / 1_000_000).AddHours(-1), Clock.GetUtcNow(), CancellationToken.None));

    private async Task<List<ErasureRecord>> ReadAsync(ErasureTarget? target)
    {
        var records = new List<ErasureRecord>();
        await foreach (ErasureRecord record in Erasures.ReadAsync(null, target, CancellationToken.None))
        {
            records.Add(record);
        }

        return records;
    }

    private static string Record(TraceId trace) =>
        $$"""{"timestamp":"2026-02-26T18:00:00Z","service":"s","trace_id":"{{trace}}","span_id":"b7ad6b7169203331","span_name":"n","duration_ms":1}""" + "\n";

    private static async Task UploadAsync(BlobContainerClient container, string name, string content) =>
        await container.GetBlobClient(name).UploadAsync(BinaryData.FromString(content), overwrite: true);

    private static async Task<List<string>> NamesAsync(BlobContainerClient container)
    {
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync())
        {
            names.Add(blob.Name);
        }

        return names;
    }

    private static async Task DeleteBlobsAsync(params BlobContainerClient[] containers)
    {
        foreach (BlobContainerClient container in containers)
        {
            foreach (string name in await NamesAsync(container))
            {
                await container.DeleteBlobAsync(name);
            }
        }
    }
}
