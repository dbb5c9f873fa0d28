using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Functions.Retention;
using ServerlessTrace.LocalHost;
using ServerlessTrace.Storage.Retention;

namespace ServerlessTrace.EndToEnd.Tests.Privacy;

/// <summary>The retention's orchestration on a running host, on every durable backend, and what came in before it; on storage of its own, since it deletes everything.</summary>
public abstract class RetentionTests(DurableBackend backend) : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    private RunningService Service { get; set; } = null!;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        Service = await RunningService.StartAsync(_azurite.ConnectionString, backend);
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    [Fact]
    public async Task What_is_old_is_gone_after_the_orchestration_and_its_usage_is_not()
    {
        string trace = SpanLogs.NewTraceId();
        string name = $"old-{trace}.ndjson";
        await Service.DropAsync(name, SpanLogs.Span(trace, "a000000000000001", "retained-shop", "pay", 0, 10) + "no record\n");
        await Service.TraceAsync(trace);
        await Service.ReceiptAsync(name);
        JsonObject before = await UsageAsync();

        DateTimeOffset later = DateTimeOffset.UtcNow.AddDays(31);
        string instance = await Service.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync(
            OrchestrationNames.Retention, new RetentionRun(later.ToUnixTimeMilliseconds()), CancellationToken.None);
        await Eventually.GetAsync(
            () => Service.Host.DurableClient.GetInstanceAsync(instance, cancellation: CancellationToken.None),
            metadata => metadata?.RuntimeStatus == OrchestrationRuntimeStatus.Completed,
            "The retention's orchestration completed");

        Assert.Null(await Service.FindTraceAsync(trace));
        Assert.DoesNotContain(await Service.TracesAsync(), item => (string)item["traceId"]! == trace);
        Assert.Empty(await Service.ReceiptsAsync());
        JsonObject service = Assert.Single(before["services"]!.AsArray(), item => (string)item!["service"]! == "retained-shop")!.AsObject();
        Assert.Equal((2, 1), ((long)service["spans"]!, (long)service["rejected"]!));
        Assert.Equal(before.ToJsonString(), (await UsageAsync()).ToJsonString());
        Assert.True(await Service.SpanLogs.GetBlobClient(name).ExistsAsync());
    }

    [Fact]
    public async Task Histories_of_failed_orchestrations_go_after_a_while_and_those_of_others_stay()
    {
        DurableTaskClient durable = Service.Host.DurableClient;
        string failed = await durable.ScheduleNewOrchestrationInstanceAsync(OrchestrationNames.Retention, input: null, CancellationToken.None);
        string fine = await durable.ScheduleNewOrchestrationInstanceAsync(
            OrchestrationNames.Retention, new RetentionRun(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), CancellationToken.None);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await durable.WaitForInstanceCompletionAsync(failed, CancellationToken.None)).RuntimeStatus);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await durable.WaitForInstanceCompletionAsync(fine, CancellationToken.None)).RuntimeStatus);

        await StartAsync(durable, DateTimeOffset.UtcNow.AddDays(13.9));
        Assert.NotNull(await durable.GetInstanceAsync(failed, CancellationToken.None));
        await StartAsync(durable, DateTimeOffset.UtcNow.AddDays(14.1));
        Assert.Null(await durable.GetInstanceAsync(failed, CancellationToken.None));
        Assert.NotNull(await durable.GetInstanceAsync(fine, CancellationToken.None));
    }

    /// <summary>What the timer does at some time.</summary>
    private static Task StartAsync(DurableTaskClient durable, DateTimeOffset now) => new RetentionFunctions(
        [], new RetentionOptions(), new FakeTimeProvider(now), NullLogger<RetentionFunctions>.Instance).StartAsync(new TimerInfo(), durable, CancellationToken.None);

    [Fact]
    public async Task Usage_of_no_sensible_days_is_refused()
    {
        foreach (string query in new[] { "from=yesterday", "from=2026-02-27&to=2026-02-26", "from=2020-01-01&to=2026-02-26", "to=2026-02-26T18:00:00Z" })
        {
            using HttpResponseMessage response = await Service.Http.GetAsync(new Uri($"api/usage?{query}", UriKind.Relative));
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        }
    }

    private async Task<JsonObject> UsageAsync() => (await Service.GetJsonAsync("api/usage"))["days"]![0]!.AsObject();
}

public sealed class RetentionOnTableTests() : RetentionTests(DurableBackend.Table);

public sealed class RetentionOnAzureStorageTests() : RetentionTests(DurableBackend.AzureStorage);
