using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Queues.Models;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests;

/// <summary>What happens when storage does not do its part.</summary>
public sealed class BadDayTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task A_message_that_can_never_be_stored_ends_in_the_poison_queue_and_shows_in_health()
    {
        await using RunningService service = await RunningService.StartAsync(_azurite.ConnectionString);
        await new TableServiceClient(_azurite.ConnectionString).DeleteTableAsync("Receipts");

        await service.Queue().SendMessageAsync(SpanLogs.Span(SpanLogs.NewTraceId(), "a000000000000001", "billing", "invoice", 0, 10));

        PeekedMessage[] poison = await Eventually.GetAsync(
            async () => await service.Queue("span-logs-poison").ExistsAsync() ? (await service.Queue("span-logs-poison").PeekMessagesAsync(10)).Value : [],
            messages => messages.Length > 0,
            "A poison message");
        Assert.Contains("invoice", Assert.Single(poison).MessageText, StringComparison.Ordinal);
        JsonObject health = await service.GetJsonAsync("api/health");
        Assert.Equal("degraded", (string)health["status"]!);
        Assert.Equal(1, (int)health["poisonMessages"]!);
    }

    [Fact]
    public async Task A_window_that_was_never_started_is_swept()
    {
        var settings = new Dictionary<string, string> { ["Seal:QuietPeriod"] = "00:00:01", ["Seal:Window"] = "00:00:00.200" };
        string trace = SpanLogs.NewTraceId();
        await using (RunningService service = await RunningService.StartAsync(_azurite.ConnectionString, settings))
        {
            // Instances cannot be started without their table: the spans are stored, the window is lost.
            await new TableServiceClient(_azurite.ConnectionString).DeleteTableAsync(InstancesTable());
            await service.DropAsync("lost.ndjson", SpanLogs.Span(trace, "a000000000000001", "billing", "invoice", 0, 10));
            JsonObject open = await service.TraceAsync(trace, _ => true, "readable");
            Assert.False(RunningService.IsSealed(open));

            JsonObject swept = await service.TraceAsync(trace);
            Assert.Equal(1, (int)swept["revision"]!);
        }
    }

    private string InstancesTable() =>
        new TableServiceClient(_azurite.ConnectionString).Query().Select(table => table.Name)
            .Single(name => name.EndsWith("Orchestrations", StringComparison.Ordinal));
}
