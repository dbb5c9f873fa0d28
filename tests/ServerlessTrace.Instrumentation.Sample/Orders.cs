using Azure.Storage.Queues;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Messaging;

namespace ServerlessTrace.Instrumentation.Sample;

/// <summary>Takes orders: has them paid over HTTP, and shipped over a queue.</summary>
internal sealed class Orders(HttpClient payments, QueueClient queue)
{
    public async Task<IResult> PlaceAsync(Uri paymentService, string id, CancellationToken cancellationToken)
    {
        using CorrelationScope scope = CorrelationScope.Begin("order_id", id);
        using HttpResponseMessage paid = await payments.PostAsync(new Uri(paymentService, $"payments/{id}"), null, cancellationToken);
        paid.EnsureSuccessStatusCode();
        await queue.SendWithContextAsync(BinaryData.FromObjectAsJson(new { order = id }), cancellationToken: cancellationToken);
        return Results.Accepted();
    }
}
