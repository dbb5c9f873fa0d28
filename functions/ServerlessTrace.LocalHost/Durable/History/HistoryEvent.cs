using Microsoft.DurableTask;

namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>Something that happened to an instance and that its orchestrator may see.</summary>
internal sealed record HistoryEvent
{
    public required HistoryEventKind Kind { get; init; }

    /// <summary>The task that ended; for events that are not about a task, 0.</summary>
    public int TaskId { get; init; }

    /// <summary>The orchestrator's name of a start, the event's name of a raised event.</summary>
    public string? Name { get; init; }

    /// <summary>Input, result or event payload as JSON; null for null.</summary>
    public string? Payload { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    /// <summary>Which run of the instance the event belongs to: a late completion must not reach the run after a
    /// <c>ContinueAsNew</c>, whose tasks have the same numbers.</summary>
    public string? ExecutionId { get; init; }

    /// <summary>What makes a raised event recognisable when it is delivered twice.</summary>
    public string? DeliveryId { get; init; }

    public DateTimeOffset? StartAt { get; init; }

    /// <summary>The position, among the events written into the log by others, of the event that a turn consumed: such an
    /// event is stored once and referred to.</summary>
    public int? Inbox { get; init; }
}
