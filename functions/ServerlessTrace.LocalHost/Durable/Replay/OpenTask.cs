using ServerlessTrace.LocalHost.Durable.History;

namespace ServerlessTrace.LocalHost.Durable.Replay;

/// <summary>A task that an orchestrator started and whose end its history does not say yet.</summary>
/// <param name="Action">How it was started.</param>
/// <param name="Result">What the orchestrator awaits: the result as JSON.</param>
internal sealed record OpenTask(HistoryAction Action, TaskCompletionSource<string?> Result);
