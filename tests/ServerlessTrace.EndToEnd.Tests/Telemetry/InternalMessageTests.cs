using System.Diagnostics;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Ingest.Blobs;
using ServerlessTrace.Instrumentation.Messaging;
using ServerlessTrace.Storage;

namespace ServerlessTrace.EndToEnd.Tests.Telemetry;

/// <summary>Messages that the service sends to itself, as they are in the queue.</summary>
public sealed class InternalMessageTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task A_blob_to_be_read_is_named_in_an_envelope_with_the_finders_context()
    {
        var storage = new StorageClients(
            new TableServiceClient(_azurite.ConnectionString), new BlobServiceClient(_azurite.ConnectionString), new QueueServiceClient(_azurite.ConnectionString));
        await storage.BlobsToRead.CreateIfNotExistsAsync();
        var blobs = new BlobsToRead(storage);
        using var sweep = new Activity("sweep");
        sweep.SetIdFormat(ActivityIdFormat.W3C).Start();

        await blobs.SendAsync("logs/\"quoted\" näme.ndjson", default);

        QueueMessage message = (await storage.BlobsToRead.ReceiveMessageAsync()).Value;
        MessageEnvelope envelope = MessageEnvelope.Read(message.Body);
        Assert.Equal((sweep.TraceId, sweep.SpanId), (envelope.Context.ActivityContext.TraceId, envelope.Context.ActivityContext.SpanId));
        Assert.Equal("logs/\"quoted\" näme.ndjson", envelope.Body.ToObjectFromJson<Dictionary<string, string>>()!["name"]);
    }
}
