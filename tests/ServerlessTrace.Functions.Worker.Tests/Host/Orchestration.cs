using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ServerlessTrace.Functions.Worker.Tests.Host.Messages;

namespace ServerlessTrace.Functions.Worker.Tests.Host;

/// <summary>
/// Runs an orchestration on the worker, episode by episode, as the durable extension does: each time the whole history is replayed, and what the
/// orchestrator then asks for is done at once.
/// </summary>
internal sealed class Orchestration(FunctionsHost host, CreateInstanceRequest start)
{
    private const int MostEpisodes = 50;
    private const int Completed = 1;
    private readonly List<HistoryEvent> _past = [];

    /// <summary>Runs to the end, which must be a good one; returns the activities that were called, in order.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var called = new List<string>();
        List<HistoryEvent> fresh =
        [
            Event(new HistoryEvent { OrchestratorStarted = new OrchestratorStartedEvent() }),
            Event(new HistoryEvent
            {
                ExecutionStarted = new ExecutionStartedEvent { Name = start.Name, Input = start.Input, OrchestrationInstance = new OrchestrationInstance { InstanceId = start.InstanceId } },
            }),
        ];
        for (int episode = 0; episode < MostEpisodes; episode++)
        {
            IReadOnlyList<OrchestratorAction> actions = await ReplayAsync(fresh);
            if (actions.SingleOrDefault(action => action.CompleteOrchestration is not null)?.CompleteOrchestration is { } end)
            {
                Assert.True(end.OrchestrationStatus == Completed, end.FailureDetails?.ErrorMessage);
                return called;
            }

            var results = new List<HistoryEvent>();
            foreach (OrchestratorAction action in actions)
            {
                results.Add(await DoAsync(action, called));
            }

            fresh = [Event(new HistoryEvent { OrchestratorStarted = new OrchestratorStartedEvent() }), .. results];
        }

        throw new InvalidOperationException($"{start.Name} did not end within {MostEpisodes} episodes.");
    }

    private async Task<IReadOnlyList<OrchestratorAction>> ReplayAsync(List<HistoryEvent> fresh)
    {
        var request = new OrchestratorRequest { InstanceId = start.InstanceId, PastEvents = { _past }, NewEvents = { fresh } };
        TypedData answer = await host.InvokeAsync(start.Name, new TypedData { String = request.ToByteString().ToBase64() });
        _past.AddRange(fresh);
        return OrchestratorResponse.Parser.ParseFrom(ByteString.FromBase64(answer.String)).Actions;
    }

    /// <summary>Does what an orchestrator asks for: records that it did, and returns what came of it.</summary>
    private async Task<HistoryEvent> DoAsync(OrchestratorAction action, List<string> called)
    {
        if (action.CreateTimer is { } timer)
        {
            _past.Add(Event(new HistoryEvent { TimerCreated = new TimerCreatedEvent { FireAt = timer.FireAt } }, action.Id));
            TimeSpan left = timer.FireAt.ToDateTime() - DateTime.UtcNow;
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return Event(new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = action.Id, FireAt = timer.FireAt } });
        }

        ScheduleTaskAction task = action.ScheduleTask;
        called.Add(task.Name);
        _past.Add(Event(new HistoryEvent { TaskScheduled = new TaskScheduledEvent { Name = task.Name, Input = task.Input } }, action.Id));
        TypedData result = await host.InvokeAsync(task.Name, new TypedData { String = OnlyElement(task.Input) });
        return Event(new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = action.Id, Result = result.Json } });
    }

    /// <summary>The protocol carries an activity's arguments as a list; a function has one.</summary>
    private static string OnlyElement(string list)
    {
        using JsonDocument json = JsonDocument.Parse(list);
        return json.RootElement.EnumerateArray().Single().GetRawText();
    }

    private static HistoryEvent Event(HistoryEvent happened, int id = -1)
    {
        happened.EventId = id;
        happened.Timestamp = Timestamp.FromDateTime(DateTime.UtcNow);
        return happened;
    }
}
