using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Notifications;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>
/// Takes alert notifications over for delivery. Evaluation calls every one that is registered, before it forgets why it
/// did: a failure here is evaluated, and handed over, again.
/// </summary>
public interface INotificationReceiver
{
    /// <summary>
    /// Returns when the notification will be delivered whatever happens. The same notification may come again, after a crash or by
    /// another host: its id is the same then, and nothing may be delivered twice for it.
    /// </summary>
    Task TakeAsync(DurableTaskClient durable, AlertNotification notification, CancellationToken cancellationToken);
}
