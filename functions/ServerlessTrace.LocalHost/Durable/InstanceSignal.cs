using ServerlessTrace.LocalHost.Durable.History;
using ServerlessTrace.LocalHost.Durable.Replay;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>What the loop of an instance is told by others.</summary>
internal abstract record InstanceSignal
{
    /// <summary>There may be a reason to go on.</summary>
    public sealed record Nudged : InstanceSignal;

    /// <summary>Something happened that the orchestrator is to see.</summary>
    /// <param name="Event">What.</param>
    /// <param name="Committed">Whom to tell whether it is in the log; null where it can be found again otherwise.</param>
    public sealed record Happened(HistoryEvent Event, TaskCompletionSource<bool>? Committed) : InstanceSignal;

    /// <summary>A task is no longer running.</summary>
    /// <param name="End">How it ended; null where it did not.</param>
    /// <param name="Failure">Why it could not be carried out.</param>
    public sealed record CarriedOut(HistoryEvent? End, Exception? Failure) : InstanceSignal;

    /// <summary>The instance's row may have changed.</summary>
    public sealed record LookAtRow : InstanceSignal;

    /// <summary>This host received a message about the instance.</summary>
    public sealed record Received(InstanceMessage Message) : InstanceSignal;

    /// <summary>The orchestrator went on for another reason than those its context gives.</summary>
    public sealed record WokenFromOutside(OrchestrationRun Run) : InstanceSignal;
}
