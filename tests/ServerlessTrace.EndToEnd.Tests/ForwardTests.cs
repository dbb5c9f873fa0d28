using System.Net;
using Azure.Data.Tables;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>Sealed traces go on to a receiver of the user's choice, whatever happens on the way.</summary>
public sealed class ForwardTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();
    private OtlpReceiver _receiver = null!;

    private (string Name, string Value)[] Settings =>
    [
        ("Forward__Endpoint", new Uri(_receiver.Address, "v1/traces").ToString()),
        ("Forward__Headers", "x-api-key=s%20ecret"),
        ("Forward__RetryAfter", "00:00:00.200"),
        ("Seal__Window", "00:00:00.500"),
    ];

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _receiver = await OtlpReceiver.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    [Fact]
    public async Task Sealed_traces_are_forwarded_once_and_late_spans_after_them()
    {
        await using HostProcess host = await _azurite.StartHostAsync(Settings);
        string[] traces = [.. Enumerable.Range(0, 20).Select(_ => SpanLogs.NewTraceId())];
        string lines = string.Concat(traces.Select(trace =>
            SpanLogs.Span(trace, "a000000000000001", "shop", "checkout", 0, 100) + SpanLogs.Span(trace, "a000000000000002", "billing", "invoice", 10, 50, parent: "a000000000000001")));
        await host.Service.DropAsync("first.ndjson", lines);
        await SpansAsync(40, host);
        await EmptyAsync(host);

        // The same again, which changes nothing.
        await host.Service.DropAsync("again.ndjson", lines);
        await host.Service.ReceiptAsync("again.ndjson");
        await EmptyAsync(host);
        Assert.Equal(40, _receiver.Spans.Count);

        // A span that comes late.
        await host.Service.DropAsync("late.ndjson", SpanLogs.Span(traces[0], "a000000000000003", "mail", "send", 60, 20, parent: "a000000000000002"));
        await SpansAsync(41, host);
        await EmptyAsync(host);

        IReadOnlyList<ReceivedSpan> spans = _receiver.Spans;
        Assert.Equal(41, spans.DistinctBy(span => (span.TraceId, span.SpanId)).Count());
        Assert.Equal(41, spans.Count);
        ReceivedSpan late = Assert.Single(spans, span => span.Name == "send");
        Assert.Equal((traces[0], "a000000000000002", "mail"), (late.TraceId, late.ParentSpanId, late.Service));
        Assert.All(_receiver.Deliveries, delivery => Assert.Equal("s ecret", delivery.Headers["x-api-key"]));
        Assert.All(_receiver.Deliveries, delivery => Assert.Equal(("application/x-protobuf", "gzip"), (delivery.ContentType, delivery.Headers["Content-Encoding"])));
        Assert.True(_receiver.Deliveries.Count <= 36, $"{_receiver.Deliveries.Count} requests for 20 traces in 16 shards, once and once more.");
    }

    [Theory]
    [InlineData(DurableBackend.Table)]
    [InlineData(DurableBackend.AzureStorage)]
    public async Task What_a_receiver_does_not_take_is_sent_again_also_by_another_host(DurableBackend backend)
    {
        _receiver.Answer = HttpStatusCode.ServiceUnavailable;
        string trace = SpanLogs.NewTraceId();
        await using (HostProcess host = await _azurite.StartHostAsync(backend, Settings))
        {
            await host.Service.DropAsync("refused.ndjson", SpanLogs.Span(trace, "a000000000000001", "shop", "checkout", 0, 100));
            await Eventually.GetAsync(() => Task.FromResult(_receiver.Deliveries.Count), count => count >= 2, "A second try");
            await host.KillAsync();
        }

        _receiver.Answer = HttpStatusCode.OK;
        await using HostProcess next = await _azurite.StartHostAsync(backend, Settings);
        ReceivedSpan span = Assert.Single(await SpansAsync(1, next));
        Assert.Equal((trace, "checkout"), (span.TraceId, span.Name));
        await EmptyAsync(next);
        Assert.Single(_receiver.Spans);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Traces_are_forwarded_after_tail_sampling_or_before_it(bool before)
    {
        await using HostProcess host = await _azurite.StartHostAsync(
            [.. Settings, ("Forward__BeforeSampling", before.ToString()), ("Forward__Encoding", before ? "Json" : "Protobuf"), ("Sampling__Rate", "0.000001"), ("Sampling__RareKept", "0")]);
        string kept = SpanLogs.NewTraceId();
        string dropped = SpanLogs.NewTraceId();
        await host.Service.DropAsync(
            "sampled.ndjson",
            SpanLogs.Span(dropped, "a000000000000001", "shop", "browse", 0, 100) + SpanLogs.Span(kept, "a000000000000001", "shop", "checkout", 0, 100, status: "ERROR"));

        string[] expected = before ? ["browse", "checkout"] : ["checkout"];
        await SpansAsync(expected.Length, host);
        await EmptyAsync(host);
        Assert.Equal(expected, _receiver.Spans.Select(span => span.Name).Order(StringComparer.Ordinal));
        Assert.All(_receiver.Deliveries, delivery => Assert.Equal(before ? "application/json" : "application/x-protobuf", delivery.ContentType));
        Assert.NotNull(await host.Service.FindTraceAsync(kept));
        Assert.Null(await host.Service.FindTraceAsync(dropped));
    }

    private async Task<IReadOnlyList<ReceivedSpan>> SpansAsync(int count, HostProcess host)
    {
        try
        {
            return await Eventually.GetAsync(
                () => Task.FromResult(_receiver.Spans), spans => spans.Count >= count, $"{count} forwarded spans", TimeSpan.FromMinutes(2));
        }
        catch (Xunit.Sdk.XunitException missing)
        {
            throw new Xunit.Sdk.XunitException($"{_receiver.Spans.Count} spans came. {missing.Message}\n{host.Output}", missing);
        }
    }

    /// <summary>Waits until nothing waits to be sealed or forwarded.</summary>
    private async Task EmptyAsync(HostProcess host)
    {
        var tables = new TableServiceClient(_azurite.ConnectionString);
        await Eventually.GetAsync(
            async () => (await KeysAsync(tables, "SpanChunks")).Count + (await KeysAsync(tables, "ForwardOutbox")).Count(key => key.StartsWith("p-", StringComparison.Ordinal)),
            count => count == 0,
            $"An empty outbox\n{host.Output}",
            TimeSpan.FromMinutes(2));
    }

    private static async Task<List<string>> KeysAsync(TableServiceClient tables, string table)
    {
        var keys = new List<string>();
        await foreach (TableEntity row in tables.GetTableClient(table).QueryAsync<TableEntity>(select: ["RowKey"]))
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}
