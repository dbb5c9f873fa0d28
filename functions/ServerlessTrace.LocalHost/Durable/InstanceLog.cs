using ServerlessTrace.LocalHost.Durable.History;
using ServerlessTrace.LocalHost.Durable.Replay;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>Reads the log of an instance. The events that others wrote into it are numbered, so that the turns that saw them need not repeat them.</summary>
internal sealed class InstanceLog(InstanceStore store, CancellationToken abandoned)
{
    private int _events;

    /// <summary>Shows a new run all its turns, and returns the events that none of them consumed; and why, where the orchestrator does not do what they say.</summary>
    public async Task<(List<HistoryEvent> Unconsumed, NonDeterministicOrchestrationException? Diverged)> ReplayAsync(InstanceRow row, OrchestrationRun run)
    {
        List<HistoryRecord> log = await store.ReadLogAsync(row, abandoned);
        _events = 0;
        var written = new List<HistoryEvent>();
        var consumed = new HashSet<int>();
        NonDeterministicOrchestrationException? diverged = null;
        try
        {
            foreach (HistoryRecord record in log)
            {
                if (record.Event is { } happened)
                {
                    written.Add(Number(happened));
                }
                else if (record.Turn is { } turn)
                {
                    consumed.UnionWith(turn.Seen.Where(seen => seen.Inbox is not null).Select(seen => seen.Inbox!.Value));
                    run.Replay(turn with { Seen = [.. turn.Seen.Select(seen => seen.Inbox is { } at ? written[at] : seen)] });
                }
            }
        }
        catch (NonDeterministicOrchestrationException caught)
        {
            diverged = caught;
        }

        return ([.. written.Where(happened => !consumed.Contains(happened.Inbox!.Value))], diverged);
    }

    /// <summary>The events that others wrote since a row was read.</summary>
    public async Task<List<HistoryEvent>> ReadNewAsync(InstanceRow row, InstanceRow since)
    {
        var events = new List<HistoryEvent>();
        foreach (HistoryRecord record in await store.ReadLogAsync(row, abandoned, since))
        {
            if (record.Event is { } written)
            {
                events.Add(Number(written));
            }
        }

        return events;
    }

    private HistoryEvent Number(HistoryEvent written) => written with { Inbox = _events++ };
}
