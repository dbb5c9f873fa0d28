namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>One step of an orchestrator: what it saw, at which time, and what it did about it.</summary>
/// <param name="At">The orchestrator's clock during the turn, UTC.</param>
/// <param name="Seen">The events, in the order they were shown.</param>
/// <param name="Done">The actions, in the order they were taken.</param>
internal sealed record Turn(DateTime At, IReadOnlyList<HistoryEvent> Seen, IReadOnlyList<HistoryAction> Done);
