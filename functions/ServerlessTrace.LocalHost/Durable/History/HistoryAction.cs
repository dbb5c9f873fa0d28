using System.Globalization;
using Microsoft.DurableTask;

namespace ServerlessTrace.LocalHost.Durable.History;

/// <summary>Something an orchestrator did.</summary>
internal sealed record HistoryAction
{
    public required HistoryActionKind Kind { get; init; }

    public int TaskId { get; init; }

    /// <summary>The activity, orchestrator or event.</summary>
    public string? Name { get; init; }

    /// <summary>Input, event payload or result as JSON; null for null.</summary>
    public string? Payload { get; init; }

    public DateTime? FireAt { get; init; }

    /// <summary>The instance called or sent to.</summary>
    public string? InstanceId { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    /// <summary>Whether a new run inherits the events that nobody waited for.</summary>
    public bool PreserveEvents { get; init; }

    public bool EndsRun => Kind is HistoryActionKind.Complete or HistoryActionKind.Fail or HistoryActionKind.ContinueAsNew or HistoryActionKind.Terminate;

    /// <summary>Whether code that does <paramref name="other"/> follows a history that says this. Inputs and due times may differ,
    /// as they may on Azure: they are what careful versions of one orchestrator change.</summary>
    public bool Matches(HistoryAction other) =>
        Kind == other.Kind && TaskId == other.TaskId && (EndsRun || string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => Kind switch
    {
        HistoryActionKind.CallActivity => Describe($"call activity '{Name}' as task {TaskId}"),
        HistoryActionKind.CallSubOrchestrator => Describe($"call orchestrator '{Name}' as task {TaskId}"),
        HistoryActionKind.CreateTimer => Describe($"create a timer as task {TaskId}"),
        HistoryActionKind.SendEvent => Describe($"send event '{Name}' as task {TaskId}"),
        HistoryActionKind.Complete => "complete",
        HistoryActionKind.Fail => $"fail ({Failure?.ErrorMessage})",
        HistoryActionKind.ContinueAsNew => "continue as new",
        _ => "end",
    };

    private static string Describe(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
