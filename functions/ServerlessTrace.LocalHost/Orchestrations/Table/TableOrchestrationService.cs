using DurableTask.Core;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>The worker's side of a hub on one table.</summary>
internal sealed class TableOrchestrationService(InstanceHub hub, ILogger logger) : IOrchestrationService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HostLease _lease = new(hub, logger);
    private Task _looking = Task.CompletedTask;

    public int TaskOrchestrationDispatcherCount => 1;

    public int MaxConcurrentTaskOrchestrationWorkItems => Math.Max(1, hub.Options.MaxConcurrentOrchestrations);

    public BehaviorOnContinueAsNew EventBehaviourForContinueAsNew => BehaviorOnContinueAsNew.Carryover;

    public int TaskActivityDispatcherCount => 1;

    public int MaxConcurrentTaskActivityWorkItems => hub.Options.MaxConcurrentActivities;

    public async Task StartAsync()
    {
        await CreateIfNotExistsAsync();
        hub.IsOpen = true;
        _looking = Task.Run(() => _lease.RunAsync(_stopping.Token));
    }

    public Task StopAsync() => StopAsync(isForced: false);

    public async Task StopAsync(bool isForced)
    {
        hub.IsOpen = false;
        await _stopping.CancelAsync();
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!isForced && await hub.ReleaseAsync())
        {
            await _lease.EndAsync(CancellationToken.None);
        }
    }

    public Task CreateAsync() => CreateAsync(recreateInstanceStore: true);

    public async Task CreateAsync(bool recreateInstanceStore)
    {
        if (recreateInstanceStore)
        {
            await DeleteAsync();
        }

        await CreateIfNotExistsAsync();
    }

    public Task CreateIfNotExistsAsync() => hub.Table.CreateAsync(CancellationToken.None);

    public Task DeleteAsync() => hub.Table.DeleteAsync(CancellationToken.None);

    public Task DeleteAsync(bool deleteInstanceStore) => DeleteAsync();

    public bool IsMaxMessageCountExceeded(int currentMessageCount, OrchestrationRuntimeState runtimeState) => false;

    public int GetDelayInSecondsAfterOnProcessException(Exception exception) => 0;

    public int GetDelayInSecondsAfterOnFetchException(Exception exception) => 0;

    public async Task<TaskOrchestrationWorkItem> LockNextTaskOrchestrationWorkItemAsync(TimeSpan receiveTimeout, CancellationToken cancellationToken)
    {
        while (true)
        {
            OwnedInstance instance = await hub.Ready.ReadAsync(cancellationToken);
            if (instance.Take() is { } work)
            {
                return work;
            }
        }
    }

    /// <summary>Nothing to do: the host's lease covers its instances.</summary>
    public Task RenewTaskOrchestrationWorkItemLockAsync(TaskOrchestrationWorkItem workItem) => Task.CompletedTask;

    public Task CompleteTaskOrchestrationWorkItemAsync(
        TaskOrchestrationWorkItem workItem,
        OrchestrationRuntimeState newOrchestrationRuntimeState,
        IList<TaskMessage> outboundMessages,
        IList<TaskMessage> orchestratorMessages,
        IList<TaskMessage> timerMessages,
        TaskMessage continuedAsNewMessage,
        OrchestrationState orchestrationState) =>
        hub.DecideAsync(InstanceOf(workItem), newOrchestrationRuntimeState, outboundMessages, orchestratorMessages, timerMessages);

    public Task AbandonTaskOrchestrationWorkItemAsync(TaskOrchestrationWorkItem workItem)
    {
        hub.Reload(InstanceOf(workItem), null);
        return Task.CompletedTask;
    }

    public Task ReleaseTaskOrchestrationWorkItemAsync(TaskOrchestrationWorkItem workItem)
    {
        InstanceOf(workItem).End();
        return Task.CompletedTask;
    }

    public async Task<TaskActivityWorkItem> LockNextTaskActivityWorkItem(TimeSpan receiveTimeout, CancellationToken cancellationToken)
    {
        TaskMessage message = await hub.Activities.ReadAsync(cancellationToken);
        return new TaskActivityWorkItem
        {
            Id = $"{message.OrchestrationInstance.InstanceId}/{message.Event.EventId}",
            LockedUntilUtc = DateTime.MaxValue,
            TaskMessage = message,
        };
    }

    /// <summary>Nothing to do: the host's lease covers its activities.</summary>
    public Task<TaskActivityWorkItem> RenewTaskActivityWorkItemLockAsync(TaskActivityWorkItem workItem) => Task.FromResult(workItem);

    public Task CompleteTaskActivityWorkItemAsync(TaskActivityWorkItem workItem, TaskMessage responseMessage)
    {
        hub.Find(responseMessage.OrchestrationInstance.InstanceId)?.Post(responseMessage);
        return Task.CompletedTask;
    }

    /// <summary>Nothing to do while the host stops: who takes the instance over runs the activity again.</summary>
    public Task AbandonTaskActivityWorkItemAsync(TaskActivityWorkItem workItem) => Task.CompletedTask;

    public void Dispose()
    {
        _stopping.Cancel();
        hub.Dispose();
    }

    private static OwnedInstance InstanceOf(TaskOrchestrationWorkItem workItem) => ((OwnedInstance.WorkItem)workItem).Instance;
}
