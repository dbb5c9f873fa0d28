using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Telemetry;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>
/// Decides which of a shard's open traces are sealed now: complete ones at once, others when nothing came for the quiet
/// period, or when their oldest part has reached the maximum age.
/// </summary>
internal sealed class SealDecisions(SealOptions options, DateTimeOffset now, DateTimeOffset before)
{
    private readonly Dictionary<TraceId, Arrival> _arrivals = [];
    private readonly List<List<TraceId>> _tracesOfChunk = [];
    private readonly HashSet<TraceId> _open = [];

    public DateTimeOffset Now => now;

    /// <summary>How many open traces' newest part came before the time asked about.</summary>
    public int Waiting { get; private set; }

    /// <summary>
    /// When the last of the waiting traces can be sealed, in ms since 1970 UTC; 0 where none waits. They came in one window, so
    /// that looking once for all of them makes none wait much longer.
    /// </summary>
    public long DueUnixMs { get; private set; }

    /// <summary>Notes parts of a chunk, all those of one trace, together.</summary>
    public void Arrived(int chunk, ReadOnlySpan<SpanRecord> parts, DateTimeOffset at)
    {
        if (chunk == _tracesOfChunk.Count)
        {
            _tracesOfChunk.Add([]);
        }

        List<TraceId> traces = _tracesOfChunk[chunk];
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0 && parts[i].TraceId == parts[i - 1].TraceId)
            {
                continue;
            }

            traces.Add(parts[i].TraceId);
            ref Arrival arrival = ref CollectionsMarshal.GetValueRefOrAddDefault(_arrivals, parts[i].TraceId, out bool known);
            arrival = known
                ? new Arrival(at < arrival.Oldest ? at : arrival.Oldest, at > arrival.Newest ? at : arrival.Newest)
                : new Arrival(at, at);
        }
    }

    /// <summary>Whether a trace is sealed now; otherwise it is noted as open.</summary>
    public bool Seal(Trace trace, Func<string, bool> sendsSpans)
    {
        Arrival arrival = _arrivals[trace.Id];
        DateTimeOffset quietAt = arrival.Newest + options.QuietPeriod;
        DateTimeOffset agedAt = arrival.Oldest + options.MaximumAge;
        DateTimeOffset due = quietAt < agedAt ? quietAt : agedAt;
        if (due <= now || TraceCompleteness.IsComplete(trace, sendsSpans))
        {
            StorageTelemetry.SealDelay.Record((now - arrival.Newest).TotalSeconds);
            return true;
        }

        _open.Add(trace.Id);
        if (arrival.Newest < before)
        {
            Waiting++;
            DueUnixMs = Math.Max(DueUnixMs, due.ToUnixTimeMilliseconds() + 1);
        }

        return false;
    }

    public bool IsOpen(TraceId trace) => _open.Contains(trace);

    /// <summary>How many of a chunk's traces are open, of how many.</summary>
    public (int Open, int Total) OpenTraces(int chunk) => (_open.Count == 0 ? 0 : _tracesOfChunk[chunk].Count(_open.Contains), _tracesOfChunk[chunk].Count);

    private readonly record struct Arrival(DateTimeOffset Oldest, DateTimeOffset Newest);
}
