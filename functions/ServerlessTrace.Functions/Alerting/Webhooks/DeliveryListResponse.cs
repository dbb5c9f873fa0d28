namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>A page of deliveries.</summary>
/// <param name="Deliveries">The deliveries, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
internal sealed record DeliveryListResponse(IReadOnlyList<DeliveryResponse> Deliveries, string? NextCursor);
