using System.Net;
using System.Reflection;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Google.Protobuf;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Worker.Tests.Host;
using ServerlessTrace.Functions.Worker.Tests.Host.Messages;
using ServerlessTrace.LocalHost;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Worker.Tests;

/// <summary>The published worker, as the Functions host sees it.</summary>
public sealed class WorkerTests(WorkerFixture worker) : IClassFixture<WorkerFixture>
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    // A loaded machine may make Kestrel complain; that is no log of a request.
    private static readonly string[] PerRequest = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing"];

    [Fact]
    public void It_has_the_functions_of_the_local_host_with_their_triggers_routes_and_levels()
    {
        IEnumerable<string> local =
            from type in Product.Options("UseDevelopmentStorage=true", port: 0).FunctionClasses
            from method in type.GetMethods()
            let function = method.GetCustomAttribute<FunctionAttribute>()
            where function is not null
            select Describe(function.Name, method);

        Assert.Equal(local.Order(StringComparer.Ordinal), worker.Host.Functions.Values.Select(Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_loads_every_function() => Assert.Empty(worker.NotLoaded);

    [Fact]
    public async Task It_answers_requests_and_logs_none_of_them()
    {
        (HttpStatusCode health, string body) = await worker.Host.RequestAsync("Health", "/api/health");
        (HttpStatusCode page, string html) = await worker.Host.RequestAsync("WebPage", "/");

        Assert.Equal((HttpStatusCode.OK, "healthy"), (health, JsonDocument.Parse(body).RootElement.GetProperty("status").GetString()));
        Assert.Equal(HttpStatusCode.OK, page);
        Assert.Contains("<title>ServerlessTrace</title>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(worker.Host.Logs, log => PerRequest.Any(category => log.Category.StartsWith(category, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_ingests_a_blob_seals_it_by_the_orchestration_that_it_starts_and_reports_the_trace()
    {
        BlobClient blob = await UploadAsync("checkout.log", TraceId);
        var content = new { Connection = "AzureWebJobsStorage", ContainerName = StorageNames.SpanLogs, BlobName = blob.Name };

        await worker.Host.InvokeAsync("IngestSpanLogBlob", Binding("AzureStorageBlobs", content));
        IReadOnlyList<string> activities = await new Orchestration(worker.Host, Assert.Single(worker.Host.Started, start => start.Name.StartsWith("SealWindow", StringComparison.Ordinal))).RunAsync();

        Assert.Equal(["SealOpenShards_v2"], activities);
        string report = await ReportAsync(TraceId);
        Assert.Contains("api-gateway: checkout", report, StringComparison.Ordinal);
        Assert.Contains("Sealed: yes", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_finds_a_blob_that_no_trigger_reported_and_a_message_has_it_read()
    {
        const string Missed = "1af7651916cd43dd8448eb211c80319c";
        await UploadAsync("missed.log", Missed);
        QueueClient queue = new QueueServiceClient(worker.ConnectionString).GetQueueClient(StorageNames.BlobsToRead);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        QueueMessage? message = null;
        while (message is null || !message.Body.ToString().Contains("missed.log", StringComparison.Ordinal))
        {
            await worker.Host.InvokeAsync("SweepMissedBlobs", new TypedData { Json = """{"IsPastDue":false}""" });
            message = await queue.ReceiveMessageAsync(cancellationToken: limit.Token);
        }

        await worker.Host.InvokeAsync(
            "ReadBlob",
            Binding("AzureStorageQueues", new { message.MessageId, message.PopReceipt, MessageText = message.Body.ToString(), message.DequeueCount, message.InsertedOn, message.ExpiresOn, message.NextVisibleOn }));

        Assert.Contains("api-gateway: checkout", await ReportAsync(Missed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_well_when_its_instance_is_taken_away()
    {
        await using FunctionsHost other = await worker.StartAsync();
        Assert.Null(await other.LoadAsync(other.Functions["Health"]));
        Assert.Equal(HttpStatusCode.OK, (await other.RequestAsync("Health", "/api/health")).Status);

        Assert.Equal(0, await other.TerminateAsync());
    }

    private static TypedData Binding(string source, object content) => new()
    {
        ModelBindingData = new ModelBindingData
        {
            Version = "1.0", Source = source, ContentType = "application/json", Content = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(content)),
        },
    };

    private async Task<BlobClient> UploadAsync(string name, string trace)
    {
        BlobClient blob = new BlobServiceClient(worker.ConnectionString).GetBlobContainerClient(StorageNames.SpanLogs).GetBlobClient(name);
        await blob.UploadAsync(BinaryData.FromString(
            $$"""{"timestamp":"2026-02-26T18:00:00Z","service":"api-gateway","trace_id":"{{trace}}","span_id":"00f067aa0ba902b7","span_name":"checkout","duration_ms":1234}""" + "\n"));
        return blob;
    }

    private async Task<string> ReportAsync(string trace)
    {
        (HttpStatusCode status, string report) = await worker.Host.RequestAsync("GetTraceReport", $"/api/traces/{trace}/report?format=text", ("traceId", trace));
        Assert.Equal(HttpStatusCode.OK, status);
        return report;
    }

    private static string Describe(string name, MethodInfo method)
    {
        Attribute trigger = method.GetParameters().SelectMany(parameter => parameter.GetCustomAttributes()).Single(attribute => attribute.GetType().Name.EndsWith("TriggerAttribute", StringComparison.Ordinal));
        string type = trigger.GetType().Name[..^nameof(Attribute).Length];
        return trigger is HttpTriggerAttribute http ? Describe(name, type, http.Route, http.AuthLevel.ToString()) : Describe(name, type);
    }

    private static string Describe(RpcFunctionMetadata function)
    {
        JsonElement trigger = function.RawBindings.Select(binding => JsonDocument.Parse(binding).RootElement).Single(binding => Type(binding).EndsWith("Trigger", StringComparison.Ordinal));
        return Type(trigger) == "httpTrigger"
            ? Describe(function.Name, Type(trigger), trigger.GetProperty("route").GetString(), trigger.GetProperty("authLevel").GetString())
            : Describe(function.Name, Type(trigger));

        static string Type(JsonElement binding) => binding.GetProperty("type").GetString()!;
    }

    private static string Describe(string name, string trigger, string? route = null, string? level = null) =>
        $"{name}: {trigger} {route} {level}".ToLowerInvariant();
}
