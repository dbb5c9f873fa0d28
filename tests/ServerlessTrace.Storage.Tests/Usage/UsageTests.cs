using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Usage;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Faults;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Usage;

/// <summary>What came in is counted once, by hour and service, and outlives the receipts it comes from.</summary>
public sealed class UsageTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private UsageStore Store => new(Clients, Receipts, new DroppedTraces(Clients), Clock);

    private int Now => UsageStore.HourOf(Clock.GetUtcNow());

    [Fact]
    public async Task Receipts_are_summed_by_hour_and_service()
    {
        await WriteAsync("a", minutes: 5, bytes: 1_000, rejected: 2, ("shop", 30), ("billing", 10));
        await WriteAsync("b", minutes: 50, bytes: 600, rejected: 3, ("shop", 5));
        await WriteAsync("c", minutes: 65, bytes: 10, rejected: 0, ("billing", 1));

        int from = Now;
        Clock.Advance(TimeSpan.FromHours(2));
        IReadOnlyList<UsageHour> hours = await Store.ReadAsync(from, from + 2, CancellationToken.None);

        Assert.Equal([from + 1, from], hours.Select(hour => hour.Hour));
        UsageHour first = hours[1];
        Assert.Equal((2, 1_600, 45, 5), (first.Sources, first.Bytes, first.Spans, first.Rejected));
        Assert.Equal(
            [new ServiceUsage("shop", 35, 1_350, 3), new ServiceUsage("billing", 10, 250, 0), new ServiceUsage(string.Empty, 0, 0, 2)], first.Services);
    }

    [Fact]
    public async Task A_redelivered_source_is_counted_once()
    {
        await WriteAsync("a", minutes: 5, bytes: 1_000, rejected: 0, ("shop", 30));
        await WriteAsync("a", minutes: 5, bytes: 1_000, rejected: 0, ("shop", 30));

        Assert.Equal(30, Assert.Single(await Store.ReadAsync(Now, Now + 1, CancellationToken.None)).Spans);
    }

    [Fact]
    public async Task Summing_up_changes_nothing_but_what_it_costs_to_read()
    {
        for (int i = 0; i < 40; i++)
        {
            await WriteAsync($"s{i}", minutes: i * 97, bytes: 100 + i, rejected: i % 3, ("shop", i), ($"service-{i % 5}", 1));
        }

        int from = Now;
        Clock.Advance(TimeSpan.FromHours(72));
        List<UsageHour> before = [.. await Store.ReadAsync(from, Now, CancellationToken.None)];
        Assert.Equal(72, await Store.SumUpAsync(Clock.GetUtcNow(), CancellationToken.None));
        Assert.Equal(0, await Store.SumUpAsync(Clock.GetUtcNow(), CancellationToken.None));
        Requests.Clear();
        List<UsageHour> after = [.. await Store.ReadAsync(from, Now - 6, CancellationToken.None)];

        Assert.Equivalent(before, after, strict: true);
        Assert.Equal(1, Requests.Count);
    }

    [Theory]
    [InlineData(Fault.DiesBefore)]
    [InlineData(Fault.DiesAfter)]
    public async Task Counts_outlive_their_receipts_wherever_their_deletion_fails(Fault fault)
    {
        int failures = 0;
        for (int n = 1; ; n++)
        {
            await InitializeAsync();
            await Receipts.WriteAsync(
                [.. Enumerable.Range(0, 150).Select(i => New($"s{i}", minutes: i < 120 ? 5 : 500, bytes: 10, rejected: 1, ("shop", 2)))], CancellationToken.None);
            await WriteAsync("young", minutes: 31 * 24 * 60, bytes: 10, rejected: 0, ("shop", 1));
            DateTimeOffset then = Clock.GetUtcNow() + TimeSpan.FromDays(31);
            Requests.Fail(n, fault);
            try
            {
                await ExpireAsync(then);
            }
            catch (ProcessDiedException)
            {
                // The platform calls the activity again.
            }

            bool failed = Requests.HasFailed;
            Requests.Clear();
            await ExpireAsync(then);
            Assert.Single(await RowsAsync(Clients.Receipts));
            IReadOnlyList<UsageHour> hours = await Store.ReadAsync(Now, Now + 10, CancellationToken.None);
            Assert.Equal((150, 300), (hours.Sum(hour => hour.Sources), hours.Sum(hour => hour.Spans)));
            if (!failed)
            {
                break;
            }

            failures++;
        }

        Assert.InRange(failures, 5, 30);
    }

    [Fact]
    public async Task Usage_itself_gets_too_old()
    {
        await WriteAsync("a", minutes: 5, bytes: 1, rejected: 0, ("shop", 1));
        await ExpireAsync(Clock.GetUtcNow() + TimeSpan.FromDays(31));
        Assert.Single(await RowsAsync(Clients.Usage));

        var step = new UsageRetention(Store, new RetentionOptions());
        while ((await step.RunAsync(Clock.GetUtcNow() + TimeSpan.FromDays(401), null, CancellationToken.None)).Next is not null)
        {
        }

        Assert.DoesNotContain(await RowsAsync(Clients.Usage), row => row.GetBoolean("Final") == true);
    }

    private async Task ExpireAsync(DateTimeOffset now)
    {
        var step = new ExpiredReceipts(Receipts, Store, new RetentionOptions());
        string? from = null;
        while ((await step.RunAsync(now, from, CancellationToken.None)).Next is { } next)
        {
            from = next;
        }
    }

    [Fact]
    public async Task Made_up_services_of_an_hour_do_not_keep_it_from_being_summed_up()
    {
        // In JSON each of these letters takes six bytes.
        for (int i = 0; i < 20; i++)
        {
            (string, long)[] services = [.. Enumerable.Range(0, 40).Select(number => ($"{i}-{number}-{new string('ж', 120)}", 1L + i))];
            await WriteAsync($"s{i}", minutes: i, bytes: 100, rejected: 0, services);
        }

        int from = Now;
        long spans = (await Store.ReadAsync(from, from + 1, CancellationToken.None))[0].Services.Sum(service => service.Spans);
        Clock.Advance(TimeSpan.FromHours(72));
        await Store.SumUpAsync(Clock.GetUtcNow(), CancellationToken.None);
        UsageHour hour = Assert.Single(await Store.ReadAsync(from, from + 1, CancellationToken.None));

        Assert.Equal(spans, hour.Services.Sum(service => service.Spans));
        Assert.Contains(hour.Services, static service => service.Service.Length == 0);
        Assert.InRange(hour.Services.Count, 100, 799);
    }

    [Fact]
    public async Task Made_up_services_of_traces_that_are_dropped_do_not_keep_the_others_from_being_sealed()
    {
        DroppedTrace[] traces = [.. Enumerable.Range(1, 100).Select(number => new DroppedTrace(new TraceId(1, (ulong)number), Now, $"{number}{new string('x', 16_000)}", 2))];
        await new DroppedTraces(Clients).AddAsync(traces, CancellationToken.None);

        UsageHour hour = Assert.Single(await Store.ReadAsync(Now, Now + 1, CancellationToken.None));
        Assert.Equal((100, 200), (hour.Services.Sum(service => service.DroppedTraces), hour.Services.Sum(service => service.DroppedSpans)));
    }

    private Task WriteAsync(string name, int minutes, long bytes, long rejected, params (string Service, long Spans)[] services) =>
        Receipts.WriteAsync(New(name, minutes, bytes, rejected, services), CancellationToken.None);

    private Receipt New(string name, int minutes, long bytes, long rejected, params (string Service, long Spans)[] services) =>
        new(new ReceiptId(Clock.GetUtcNow().AddMinutes(minutes), Source(name)), name, ReceiptState.Complete)
        {
            Bytes = bytes,
            Spans = services.Sum(service => service.Spans),
            Rejected = rejected,
            Services = [.. services.Select(service => new ServiceSpans(service.Service, service.Spans))],
        };
}
