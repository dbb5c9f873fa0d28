using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Services;

public sealed class ServiceDirectoryTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    [Fact]
    public async Task What_one_instance_adds_another_learns_within_seconds()
    {
        using ServiceDirectory other = new(Clients, Clock);
        await other.RefreshAsync(CancellationToken.None);
        await Services.AddAsync(Of("payments", "žluť/\\#?'", new string('x', 40_000)), CancellationToken.None);
        Assert.False(other.Sends("payments"));

        Clock.Advance(TimeSpan.FromSeconds(3));
        await other.RefreshAsync(CancellationToken.None);
        await Services.AddAsync(Of("orders"), CancellationToken.None);
        Clock.Advance(TimeSpan.FromSeconds(3));
        await other.RefreshAsync(CancellationToken.None);

        Assert.True(other.Sends("PAYMENTS"));
        Assert.True(other.Sends("žluť/\\#?'"));
        Assert.True(other.Sends("orders"));
        Assert.False(other.Sends("stripe"));
    }

    [Fact]
    public async Task Known_services_cost_nothing_and_refreshing_is_rare()
    {
        await Services.AddAsync(Of("payments", "Payments", "orders"), CancellationToken.None);
        Requests.Clear();

        await Services.AddAsync(Of("orders", "PAYMENTS"), CancellationToken.None);
        Assert.Equal(0, Requests.Count);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Services.RefreshAsync(CancellationToken.None)));

        Assert.Equal(1, Requests.Count);
        Assert.Equal(2, (await RowsAsync(Clients.Services)).Count);
    }

    [Fact]
    public async Task Who_makes_services_up_fills_neither_the_table_nor_the_memory_of_every_instance()
    {
        using var bounded = new ServiceDirectory(Clients, Clock) { MostServices = 3 };
        await bounded.AddAsync(Of("a", "b", "c", "d", "e"), CancellationToken.None);
        await bounded.AddAsync(Of("f"), CancellationToken.None);
        using var other = new ServiceDirectory(Clients, Clock) { MostServices = 2 };
        await other.RefreshAsync(CancellationToken.None);

        Assert.Equal(3, (await RowsAsync(Clients.Services)).Count);
        Assert.True(bounded.Sends("c"));
        Assert.False(bounded.Sends("d"));
        Assert.Equal(2, "abc".Count(name => other.Sends(name.ToString())));
    }

    private static SpanBatch Of(params string[] services)
    {
        var trace = new TraceBuilder();
        for (int i = 0; i < services.Length; i++)
        {
            trace.Span((ulong)i + 1, services[i], "step", i, i + 1);
        }

        return trace.Flush();
    }
}
