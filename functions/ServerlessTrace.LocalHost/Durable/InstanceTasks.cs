using System.Threading.Channels;
using ServerlessTrace.LocalHost.Durable.History;
using ServerlessTrace.LocalHost.Durable.Replay;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>
/// Carries out what an orchestrator asked for, once that is in the log: each task once for as long as this host has the instance. The loop, which alone
/// calls this, hears of every end by a signal.
/// </summary>
internal sealed class InstanceTasks(string instanceId, DurableHub hub, ChannelWriter<InstanceSignal> signals, CancellationToken ownership)
{
    private readonly HashSet<int> _begun = [];

    public int Running { get; private set; }

    public bool IsUnbegun(HistoryAction action) => action.Kind != HistoryActionKind.CreateTimer && !_begun.Contains(action.TaskId);

    /// <summary>Begins all tasks that were not begun yet.</summary>
    public void Begin(OrchestrationRun run)
    {
        foreach (HistoryAction action in run.OpenTasks.Where(IsUnbegun).ToList())
        {
            _begun.Add(action.TaskId);
            Running++;
            _ = CarryOutAsync(action, run);
        }
    }

    /// <summary>The loop has heard that a task is no longer running.</summary>
    public void NoteEnd() => Running--;

    /// <summary>A new run numbers its tasks anew.</summary>
    public void Forget() => _begun.Clear();

    private async Task CarryOutAsync(HistoryAction action, OrchestrationRun run)
    {
        string executionId = run.ExecutionId;
        try
        {
            HistoryEvent? end = action.Kind switch
            {
                HistoryActionKind.CallActivity =>
                    await hub.Activities.RunAsync(action, executionId, hub.BeginNoMore, ownership),
                HistoryActionKind.CallSubOrchestrator =>
                    await hub.CallChildAsync(new ParentLink(instanceId, run.Name, executionId, action.TaskId), action),
                _ => await SendAsync(action, executionId),
            };
            signals.TryWrite(new InstanceSignal.CarriedOut(end, null));
        }
        catch (OperationCanceledException)
        {
            signals.TryWrite(new InstanceSignal.CarriedOut(null, null));
        }
#pragma warning disable CA1031 // The loop is told, and gives the instance up.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            signals.TryWrite(new InstanceSignal.CarriedOut(null, failure));
        }
    }

    private async Task<HistoryEvent> SendAsync(HistoryAction action, string executionId)
    {
        await hub.RaiseAsync(action.InstanceId!, action.Name!, action.Payload, $"{executionId}:{action.TaskId}", hub.Abandoned);
        return new HistoryEvent { Kind = HistoryEventKind.EventSent, TaskId = action.TaskId, ExecutionId = executionId };
    }
}
