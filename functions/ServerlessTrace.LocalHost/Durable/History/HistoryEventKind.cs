namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>What can happen to an instance. The numbers are stored.</summary>
internal enum HistoryEventKind
{
    Started = 1,
    TaskCompleted = 2,
    TaskFailed = 3,
    TimerFired = 4,
    EventRaised = 5,
    EventSent = 6,
}
