namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>What an orchestrator can do. The numbers are stored.</summary>
internal enum HistoryActionKind
{
    CallActivity = 1,
    CallSubOrchestrator = 2,
    CreateTimer = 3,
    SendEvent = 4,
    Complete = 5,
    Fail = 6,
    ContinueAsNew = 7,
    Terminate = 8,
}
