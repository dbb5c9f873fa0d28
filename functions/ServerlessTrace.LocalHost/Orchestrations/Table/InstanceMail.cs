using Azure;
using DurableTask.Core;
using DurableTask.Core.Exceptions;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>Starts instances, and delivers messages to them wherever they are: in this host's memory, or into their rows.</summary>
internal sealed class InstanceMail(InstanceHub hub, ILogger logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(5);
    private static readonly OrchestrationStatus[] Live = [OrchestrationStatus.Pending, OrchestrationStatus.Running, OrchestrationStatus.Suspended];

    /// <summary>Starts an instance; on this host where there is room for it.</summary>
    /// <exception cref="OrchestrationAlreadyExistsException">There is an instance of that id in one of the <paramref name="dedupe"/> statuses.</exception>
    public async Task CreateAsync(TaskMessage message, IReadOnlyCollection<OrchestrationStatus> dedupe)
    {
        var start = (ExecutionStartedEvent)message.Event;
        string id = message.OrchestrationInstance.InstanceId;
        if (start.ParentInstance is null && hub.Find(id) is { IsLive: true } running && dedupe.Contains(running.Status))
        {
            throw AlreadyExists(id, running.Status);
        }

        DateTimeOffset now = hub.Time.GetUtcNow();
        DateTimeOffset due = start.ScheduledStartTime is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : now;
        using IDisposable? arrival = due - now < hub.Options.ParkThreshold ? hub.TryReserve() : null;
        message.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
        InstanceRow? written = await InsertAsync(
            new InstanceRow
            {
                InstanceId = id,
                ExecutionId = message.OrchestrationInstance.ExecutionId,
                Name = start.Name,
                CreatedAt = now,
                UpdatedAt = now,
                Owner = arrival is null ? null : hub.Host,
                LookAt = arrival is null ? due : InstanceRow.Never,
                Body = new InstanceBody(default, [message], [], null),
            },
            start.ParentInstance,
            dedupe);
        if (written?.Owner is not null)
        {
            await hub.AdmitAsync(written);
        }
        else if (written is not null && due <= now)
        {
            hub.Overflow(id);
        }
    }

    /// <summary>Delivers a message to an instance wherever it is. Returns once storage has it; false where no such instance runs.</summary>
    public async Task<bool> DeliverAsync(TaskMessage message, CancellationToken cancellationToken)
    {
        string id = message.OrchestrationInstance.InstanceId;
        while (true)
        {
            if (hub.Find(id) is { } here)
            {
                if (here.PostDurably(message) is { } stored)
                {
                    hub.Background(id, hub.SettleAsync(here));
                    if (await stored.WaitAsync(cancellationToken))
                    {
                        return true;
                    }
                }

                await Task.Delay(RetryPause, hub.Time, cancellationToken);
                continue;
            }

            if (await hub.Table.ReadAsync(id, cancellationToken) is not { HasEnded: false } row)
            {
                logger.MessageDropped(message.Event.EventType, id);
                return false;
            }

            using IDisposable? arrival = row.Owner is null ? hub.TryReserve() : null;
            message.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
            InstanceRow next = row with
            {
                Owner = arrival is null ? row.Owner : hub.Host,
                LookAt = arrival is null ? hub.Time.GetUtcNow() : InstanceRow.Never,
                Body = row.Body with { Inbox = [.. row.Body.Inbox, message] },
            };
            if (await hub.Table.TryReplaceAsync(next, cancellationToken) is { } written)
            {
                if (arrival is not null)
                {
                    await hub.AdmitAsync(written);
                }

                return true;
            }
        }
    }

    /// <summary>Delivers an instance's messages, after earlier ones.</summary>
    public async Task SendAsync(OwnedInstance instance, Task earlier, IReadOnlyList<TaskMessage> messages)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        foreach (TaskMessage message in messages)
        {
            await hub.InsistAsync(async () => message.Event is ExecutionStartedEvent
                ? await StartChildAsync(message)
                : await DeliverAsync(message, hub.Ended));
        }

        instance.Delivered(messages);
        await hub.FlushLaterAsync(instance);
    }

    private static OrchestrationAlreadyExistsException AlreadyExists(string id, OrchestrationStatus status) =>
        new($"An orchestration instance with the id '{id}' exists: its status is {status}.");

    /// <summary>Whether an instance was started by an earlier delivery of the same message.</summary>
    private static bool IsSameStart(InstanceRow existing, InstanceRow row, ParentInstance? parent)
    {
        if (existing.ExecutionId == row.ExecutionId || parent is null)
        {
            return existing.ExecutionId == row.ExecutionId;
        }

        // It may have continued as new since.
        ParentInstance? its = existing.Body.ReadHistory().OfType<ExecutionStartedEvent>().FirstOrDefault()?.ParentInstance;
        return its is not null && its.TaskScheduleId == parent.TaskScheduleId
            && its.OrchestrationInstance.InstanceId == parent.OrchestrationInstance.InstanceId
            && its.OrchestrationInstance.ExecutionId == parent.OrchestrationInstance.ExecutionId;
    }

    /// <summary>Inserts an instance, or the successor of one that has ended; null where an earlier delivery of the message has.</summary>
    private async Task<InstanceRow?> InsertAsync(InstanceRow row, ParentInstance? parent, IReadOnlyCollection<OrchestrationStatus> dedupe)
    {
        while (true)
        {
            if (await hub.Table.TryInsertAsync(row, hub.Ended) is { } inserted)
            {
                return inserted;
            }

            InstanceRow? existing = await hub.Table.ReadAsync(row.InstanceId, hub.Ended);
            if (existing is not null && IsSameStart(existing, row, parent))
            {
                // Where nothing has it in memory, the insert was this one: its answer was lost, and the client library had tried again.
                return existing.Owner == row.Owner && hub.Find(row.InstanceId) is null ? existing : null;
            }

            if (existing is not null && dedupe.Contains(existing.Status))
            {
                throw AlreadyExists(row.InstanceId, existing.Status);
            }

            if (existing is not null
                && await hub.Table.TryReplaceAsync(row with { ETag = existing.ETag, Blob = existing.Blob }, hub.Ended) is { } replaced)
            {
                return replaced;
            }
        }
    }

    private async Task<bool> StartChildAsync(TaskMessage message)
    {
        try
        {
            await CreateAsync(message, Live);
            return true;
        }
        catch (Exception refused) when (refused is OrchestrationAlreadyExistsException or RequestFailedException { Status: 400 })
        {
            ParentInstance parent = ((ExecutionStartedEvent)message.Event).ParentInstance;
            var failure = new SubOrchestrationInstanceFailedEvent(-1, parent.TaskScheduleId, refused.Message, null, new FailureDetails(refused));
            return await DeliverAsync(new TaskMessage { OrchestrationInstance = parent.OrchestrationInstance, Event = failure }, hub.Ended);
        }
    }
}
