using System.Diagnostics;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Messaging;

/// <summary>Context over Azure Queue storage.</summary>
public static class QueueContext
{
    /// <summary>Sends a JSON body in an envelope, with a PRODUCER span that the receiver's span is below.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="body">The body: JSON.</param>
    /// <param name="timeToLive">How long the message may wait; the queue's default where null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<SendReceipt> SendWithContextAsync(
        this QueueClient queue, BinaryData body, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        using Activity? span = WorkSource.Start($"send {queue.Name}", ActivityKind.Producer);
        Describe(span, queue.Name, "send");
        try
        {
            SendReceipt receipt = await queue.SendMessageAsync(
                MessageEnvelope.Wrap(body), timeToLive: timeToLive, cancellationToken: cancellationToken).ConfigureAwait(false);
            span?.SetTag("messaging.message.id", receipt.MessageId);
            return receipt;
        }
        catch (Exception exception)
        {
            SpanFailure.Set(span, exception);
            throw;
        }
    }

    /// <summary>Begins work on a message: a CONSUMER span below the sender's.</summary>
    /// <param name="context">The context of its envelope.</param>
    /// <param name="queue">The queue's name.</param>
    public static ContinuedWork ProcessMessage(this PropagationContext context, string queue)
    {
        ContinuedWork work = WorkContext.Continue(context, $"process {queue}", ActivityKind.Consumer);
        Describe(work.Span, queue, "process");
        return work;
    }

    private static void Describe(Activity? span, string queue, string operation)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("messaging.system", "azure_queue_storage");
            span.SetTag("messaging.destination.name", queue);
            span.SetTag("messaging.operation.type", operation);
        }
    }
}
