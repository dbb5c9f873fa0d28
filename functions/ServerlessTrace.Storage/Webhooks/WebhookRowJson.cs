using System.Text.Json.Serialization;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Storage.Webhooks;

/// <summary>How filters, notifications and attempts are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookFilter))]
[JsonSerializable(typeof(AlertNotification))]
[JsonSerializable(typeof(IReadOnlyList<DeliveryAttempt>))]
internal sealed partial class WebhookRowJson : JsonSerializerContext;
