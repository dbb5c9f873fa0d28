using System.Diagnostics;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>Ingests every message of the queue of span logs.</summary>
public sealed class SpanLogQueueFunction(SpanIntake intake, IngestOptions options)
{
    /// <summary>Reads one message: bare span logs or an envelope with headers and body, base64 or not.</summary>
    [Function("IngestSpanLogMessage")]
    public async Task RunAsync(
        [QueueTrigger(StorageNames.SpanLogs)] QueueMessage message,
        [DurableClient] DurableTaskClient durable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var source = new ReceiptId(message.InsertedOn ?? default, SourceId.OfMessage(StorageNames.SpanLogs, message.MessageId));
        if (await intake.IsKnownAsync(source, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        BinaryData body = message.Body;
        string name = $"queue {StorageNames.SpanLogs}/{message.MessageId}";
        using Activity? span = ServiceTelemetry.StartIngest(name, ProducerContexts.Of(body.ToMemory()));
        SpanSourceReader reader = SpanSourceReader.ForMessage(body.ToMemory(), StorageNames.SpanLogs, options.ToReadLimits());
        await using (reader.ConfigureAwait(false))
        {
            await intake.IngestAsync(new IngestSource(source, name, _ => Task.FromResult(body.ToStream())), reader, durable, cancellationToken).ConfigureAwait(false);
        }
    }
}
