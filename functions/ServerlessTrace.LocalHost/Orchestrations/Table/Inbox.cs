using DurableTask.Core;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>Messages for an instance: those that wait, and those that its orchestrator is being shown.</summary>
internal sealed class Inbox
{
    private readonly List<Arrival> _waiting = [];
    private readonly List<Arrival> _shown = [];
    private HashSet<long> _stored = [];

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>When the instance may begin; <see cref="InstanceRow.Never"/> without the message that starts it.</summary>
    public DateTimeOffset StartAt { get; private set; } = InstanceRow.Never;

    /// <summary>Whether what is shown has to be written once it is recorded: it is in storage, or a sender waits for that.</summary>
    public bool IsAwaited => _shown.Any(static arrival => arrival.IsStored || arrival.Stored is not null);

    /// <summary>Adds a message that only this host has.</summary>
    public void Add(TaskMessage message, TaskCompletionSource<bool>? stored)
    {
        message.SequenceNumber = Random.Shared.NextInt64(1, long.MaxValue);
        Add(new Arrival(message, stored, IsStored: false));
    }

    /// <summary>Adds what storage has and this host did not know yet.</summary>
    public void AddStored(IEnumerable<TaskMessage> messages)
    {
        foreach (TaskMessage message in messages.Where(message => _stored.Add(message.SequenceNumber)))
        {
            Add(new Arrival(message, null, IsStored: true));
        }
    }

    /// <summary>Takes all that waits, to show it.</summary>
    public IList<TaskMessage> Show()
    {
        _shown.AddRange(_waiting);
        _waiting.Clear();
        return [.. _shown.Select(static arrival => arrival.Message)];
    }

    /// <summary>Puts back what was shown and not recorded.</summary>
    public void PutBack()
    {
        _waiting.InsertRange(0, _shown);
        _shown.Clear();
    }

    /// <summary>Forgets what was shown: it is recorded, or of no use.</summary>
    public void Discard() => Answer(_shown, true);

    /// <summary>What waits, to be written.</summary>
    public TaskMessage[] ToStore()
    {
        TaskMessage[] messages = [.. _waiting.Select(static arrival => arrival.Message)];
        _stored.UnionWith(messages.Select(static message => message.SequenceNumber));
        return messages;
    }

    /// <summary>Notes that storage has the record of what was shown, and these messages.</summary>
    public void Written(IEnumerable<TaskMessage> messages)
    {
        _stored = [.. messages.Select(static message => message.SequenceNumber)];
        Discard();
        foreach (Arrival arrival in _waiting.Where(arrival => _stored.Contains(arrival.Message.SequenceNumber)))
        {
            arrival.Stored?.TrySetResult(true);
        }
    }

    /// <summary>Drops everything: the instance has ended, or another host has it.</summary>
    public void Close(bool isHandled)
    {
        Answer(_shown, isHandled);
        Answer(_waiting, isHandled);
    }

    private static void Answer(List<Arrival> arrivals, bool isHandled)
    {
        arrivals.ForEach(arrival => arrival.Stored?.TrySetResult(isHandled));
        arrivals.Clear();
    }

    private void Add(Arrival arrival)
    {
        _waiting.Add(arrival);
        StartAt = arrival.Message.Event switch
        {
            ExecutionStartedEvent { ScheduledStartTime: { } at } => new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)),
            ExecutionStartedEvent or ExecutionTerminatedEvent => DateTimeOffset.MinValue,
            _ => StartAt,
        };
    }

    /// <param name="Message">A message for the instance.</param>
    /// <param name="Stored">Completed when storage has it; null where nobody waits for that.</param>
    /// <param name="IsStored">Whether it came from storage.</param>
    private readonly record struct Arrival(TaskMessage Message, TaskCompletionSource<bool>? Stored, bool IsStored);
}
