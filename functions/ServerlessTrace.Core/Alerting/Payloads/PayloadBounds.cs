using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>Cuts what comes from outside to what payloads show of it, so that a notification always fits where it is stored.</summary>
public static class PayloadBounds
{
    private const int MostAttributes = 32;
    private const int MostTraces = 10;

    /// <summary>The notification with bounded texts and lists; its payloads are the same.</summary>
    public static AlertNotification Cut(AlertNotification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        AlertReport alert = notification.Alert;
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in alert.Attributes.Take(MostAttributes))
        {
            attributes[AlertWords.Name(name)] = AlertWords.Name(value);
        }

        return notification with
        {
            Alert = alert with
            {
                Rule = AlertWords.Name(alert.Rule),
                Summary = AlertWords.Summary(alert),
                Service = AlertWords.NameOrNull(alert.Service),
                Operation = AlertWords.NameOrNull(alert.Operation),
                Environment = AlertWords.NameOrNull(alert.Environment),
                Attributes = attributes,
                Traces = [.. alert.Traces.Take(MostTraces)],
            },
        };
    }
}
