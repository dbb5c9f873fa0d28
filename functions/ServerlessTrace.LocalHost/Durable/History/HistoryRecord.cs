namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>One record of an instance's log: a turn, written by the owner, or an event, written by anyone.</summary>
/// <param name="Turn">The turn.</param>
/// <param name="Event">The event.</param>
internal sealed record HistoryRecord(Turn? Turn, HistoryEvent? Event);
