using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Api.Links;
using ServerlessTrace.Functions.Telemetry;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>Hands notifications over to whoever delivers them.</summary>
public sealed class NotificationHandover(IEnumerable<INotificationReceiver> receivers, SignedLinks links)
{
    /// <summary>Hands a notification over, its traces with links to their reports.</summary>
    public async Task GiveAsync(DurableTaskClient durable, AlertNotification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        ServiceTelemetry.Alerted(notification.Type, notification.Alert.Severity);
        AlertNotification linked = await WithLinksAsync(notification, cancellationToken).ConfigureAwait(false);
        foreach (INotificationReceiver receiver in receivers)
        {
            await receiver.TakeAsync(durable, linked, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<AlertNotification> WithLinksAsync(AlertNotification notification, CancellationToken cancellationToken)
    {
        var traces = new List<AlertTrace>();
        foreach (AlertTrace trace in notification.Alert.Traces)
        {
            bool isId = TraceId.TryParse(trace.TraceId, out TraceId id);
            Uri? link = isId ? await links.ToReportAsync(id, notification.Timestamp, cancellationToken).ConfigureAwait(false) : null;
            traces.Add(trace with { ReportUrl = link?.AbsoluteUri });
        }

        return notification with { Alert = notification.Alert with { Traces = traces } };
    }
}
