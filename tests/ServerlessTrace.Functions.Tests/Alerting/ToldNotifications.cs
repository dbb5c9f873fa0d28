using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Functions.Alerting;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>The world outside, which remembers what it was told when a process dies: a notification of the same id is the same.</summary>
internal sealed class ToldNotifications : INotificationReceiver
{
    private readonly List<AlertNotification> _all = [];

    /// <summary>Each notification once.</summary>
    public IReadOnlyList<AlertNotification> Once => [.. _all.DistinctBy(notification => notification.Id).OrderBy(notification => notification.Id, StringComparer.Ordinal)];

    /// <summary>Ids of notifications that came again with other content.</summary>
    public IReadOnlyList<string> Changed =>
        [.. _all.GroupBy(notification => notification.Id).Where(same => same.Select(Text).Distinct().Count() > 1).Select(same => same.Key)];

    public Task TakeAsync(DurableTaskClient durable, AlertNotification notification, CancellationToken cancellationToken)
    {
        lock (_all)
        {
            _all.Add(notification);
        }

        return Task.CompletedTask;
    }

    public void Clear() => _all.Clear();

    public static string Text(AlertNotification notification) =>
        $"{notification.Type} {notification.FollowsId} {notification.Alert.Summary} {string.Join(' ', notification.Alert.Traces.Select(trace => trace.TraceId))}";
}
