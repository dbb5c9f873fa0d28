using System.Text.Json;
using System.Text.Json.Serialization;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>The JSON of subscriptions and deliveries, in and out. A property that nobody knows is an error: it may be a misspelt filter.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(CamelCaseNames<AlertSeverity>), typeof(CamelCaseNames<NotificationType>), typeof(CamelCaseNames<DeliveryState>)])]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(SecretRequest))]
[JsonSerializable(typeof(WebhookResponse))]
[JsonSerializable(typeof(WebhookListResponse))]
[JsonSerializable(typeof(DeliveryResponse))]
[JsonSerializable(typeof(DeliveryListResponse))]
internal sealed partial class WebhookJson : JsonSerializerContext
{
    /// <summary>Names of an enumeration as they stand in JSON; numbers are refused.</summary>
    internal sealed class CamelCaseNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
        where T : struct, Enum;
}
