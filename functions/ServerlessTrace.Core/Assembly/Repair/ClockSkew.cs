using System.Globalization;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>
/// Finds clocks that differ between services. A call across clocks bounds how much the called one can differ: nothing begins before what called it, and
/// what a caller waited for lies within the call. Evidence is a span that begins before its caller, or the SERVER side of a CLIENT call that succeeded
/// yet ended later; differences up to a millisecond are noise. Then all spans of that clock shift by the same amount: the middle of what all its
/// calls allow, which is right where both ways over the network take as long (as in NTP, RFC 5905, and in Zipkin's and Jaeger's adjusters, which do it call by call).
/// Where no single shift fits, as with several hosts behind one name, each call is judged by itself. Calls that nobody waits for set no end.
/// A span that outlives its caller is no evidence: work that goes on after an answer looks the same.
/// </summary>
internal sealed class ClockSkew
{
    /// <summary>Clocks and their roundings differ by this much everywhere.</summary>
    private const long NoiseNano = 1_000_000;

    private const int ReportedClocks = 5;

    private readonly Trace _trace;
    private readonly ClockNames _names;
    private readonly int[] _clock;
    private readonly int[] _callOfClock;
    private readonly int[] _nextCall;
    private readonly long[] _shifts;
    private readonly List<SkewedClock> _skewed = [];

    private ClockSkew(Trace trace)
    {
        _trace = trace;
        _names = new ClockNames(trace.Batch);
        _shifts = new long[trace.SpanCount];
        _clock = new int[trace.SpanCount];
        _nextCall = new int[trace.SpanCount];
        for (int i = 0; i < trace.SpanCount; i++)
        {
            _clock[i] = _names.NumberOf(in trace[i]);
        }

        _callOfClock = new int[_names.Count];
    }

    /// <summary>What to add to each span's times, by index, and whose clocks differ; nothing where all agree.</summary>
    public static (long[] Shifts, IReadOnlyList<SkewedClock> Clocks) Find(Trace trace)
    {
        if (!IsSuspect(trace))
        {
            return ([], []);
        }

        var skew = new ClockSkew(trace);
        skew.JudgeClocks();
        return skew._skewed.Count == 0 ? ([], []) : (skew._shifts, skew._skewed);
    }

    public static void Report(Trace trace, AdjustedTimes times, WarningList warnings)
    {
        foreach (SkewedClock clock in times.Clocks.Take(ReportedClocks))
        {
            string service = clock.Service.Length == 0 ? "an unknown service" : clock.Service;
            string host = clock.Host.Length == 0 ? string.Empty : $" on {clock.Host}";
            string amount = $"{(clock.ShiftNano < 0 ? "ahead of" : "behind")} its callers' by about {DurationText.Of(Math.Abs(clock.ShiftNano))}";
            warnings.Add("clock-skew", string.Create(
                CultureInfo.InvariantCulture,
                $"The clock of {service}{host} is {amount}{(clock.IsSteady ? string.Empty : " at most, differently from call to call")}: {clock.SpanCount:N0} of {trace.SpanCount:N0} span(s) are shown shifted; their recorded times are kept, and the critical path is found on those."));
        }

        warnings.AddCount("clock-skew", times.Clocks.Count - ReportedClocks, "The clocks of {0} more service instance(s) differ from their callers'.");
    }

    /// <summary>Whether any call across services or hosts contradicts its caller's times: mostly none does, and nothing else has to be looked at.</summary>
    private static bool IsSuspect(Trace trace)
    {
        ReadOnlySpan<int> parents = trace.Parents;
        for (int i = 0; i < parents.Length; i++)
        {
            if (parents[i] >= 0 && Bounds.Of(in trace[parents[i]], in trace[i]).IsEvidence)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Judges each clock by its calls from and to clocks before it; the root's clock is taken to be right.</summary>
    private void JudgeClocks()
    {
        int[] order = OrderClocks();
        CollectCalls(order);
        int[] clocks = [.. Enumerable.Range(0, order.Length).OrderBy(clock => order[clock])];
        var offsets = new long[clocks.Length];
        var conflicting = new bool[clocks.Length];
        foreach (int clock in clocks)
        {
            Bounds all = Bounds.None;
            for (int call = _callOfClock[clock]; call >= 0; call = _nextCall[call])
            {
                bool isCallee = _clock[call] == clock;
                int other = _clock[isCallee ? _trace.Parents[call] : call];
                all = all.And(CallBounds(call, isCallee).Plus(offsets[other]));
            }

            conflicting[clock] = all.IsEvidence && !all.IsPossible;
            offsets[clock] = all.IsEvidence && all.IsPossible ? all.Middle : 0;
        }

        Shift(offsets, conflicting);
        Summarize(clocks, conflicting);
    }

    private Bounds CallBounds(int call, bool isCallee)
    {
        var bounds = Bounds.Of(in _trace[_trace.Parents[call]], in _trace[call]);
        return isCallee ? bounds : bounds.Mirrored;
    }

    /// <summary>The rank of each clock: the root's first, then in the order in which the tree reaches them.</summary>
    private int[] OrderClocks()
    {
        var order = new int[_names.Count];
        Array.Fill(order, int.MaxValue);
        int ranked = 0;
        order[_clock[_trace.Root]] = ranked++;
        foreach (int span in new TreeOrder(_trace).Spans)
        {
            if (order[_clock[span]] == int.MaxValue)
            {
                order[_clock[span]] = ranked++;
            }
        }

        return order;
    }

    /// <summary>Lists each call across clocks with the one of the two that is judged later.</summary>
    private void CollectCalls(int[] order)
    {
        Array.Fill(_callOfClock, -1);
        for (int i = 0; i < _trace.SpanCount; i++)
        {
            int parent = _trace.Parents[i];
            if (parent >= 0 && _clock[parent] != _clock[i])
            {
                int later = order[_clock[parent]] > order[_clock[i]] ? _clock[parent] : _clock[i];
                _nextCall[i] = _callOfClock[later];
                _callOfClock[later] = i;
            }
        }
    }

    /// <summary>Spans shift with their clock; of a clock that no single shift explains, with the call that they are part of.</summary>
    private void Shift(long[] offsets, bool[] conflicting)
    {
        foreach (int span in new TreeOrder(_trace).Spans)
        {
            int parent = _trace.Parents[span];
            if (!conflicting[_clock[span]])
            {
                _shifts[span] = offsets[_clock[span]];
            }
            else if (parent >= 0 && _clock[parent] == _clock[span])
            {
                _shifts[span] = _shifts[parent];
            }
            else if (parent >= 0)
            {
                Bounds bounds = Bounds.Of(in _trace[parent], in _trace[span]).Plus(_shifts[parent]);
                _shifts[span] = bounds.IsEvidence ? bounds.Middle : 0;
            }
        }
    }

    private void Summarize(int[] clocks, bool[] conflicting)
    {
        var counts = new int[clocks.Length];
        var greatest = new long[clocks.Length];
        for (int i = 0; i < _trace.SpanCount; i++)
        {
            counts[_clock[i]] += _shifts[i] != 0 ? 1 : 0;
            greatest[_clock[i]] = Math.Abs(_shifts[i]) > Math.Abs(greatest[_clock[i]]) ? _shifts[i] : greatest[_clock[i]];
        }

        foreach (int clock in clocks)
        {
            if (counts[clock] > 0)
            {
                (string service, string host) = _names.NameOf(clock);
                _skewed.Add(new SkewedClock(service, host, greatest[clock], counts[clock], !conflicting[clock]));
            }
        }
    }

    /// <summary>What a call allows to be added to the times of the called clock.</summary>
    /// <param name="Least">So that nothing begins before what called it.</param>
    /// <param name="Most">So that what was waited for ends in time, where that is known; or what called it would begin later than it.</param>
    /// <param name="ProvenLeast">Where a lower value would prove a difference.</param>
    /// <param name="ProvenMost">Where a higher value would prove a difference.</param>
    private readonly record struct Bounds(long Least, long Most, long ProvenLeast, long ProvenMost)
    {
        private const long Unbounded = long.MaxValue / 4;

        public static Bounds None => new(-Unbounded, Unbounded, -Unbounded, Unbounded);

        /// <summary>Whether leaving the times as they are contradicts a call.</summary>
        public bool IsEvidence => ProvenLeast > NoiseNano || ProvenMost < -NoiseNano;

        /// <summary>Whether one shift satisfies all calls, but for noise.</summary>
        public bool IsPossible => Least - Most <= NoiseNano;

        /// <summary>Half-way between the bounds; where there is only one, as little as that asks for.</summary>
        public long Middle =>
            Most >= Unbounded / 2 ? Math.Max(Least, 0)
            : Least <= -Unbounded / 2 ? Math.Min(Most, 0)
            : Least + ((Most - Least) / 2);

        /// <summary>The same for the calling clock, the called one being right.</summary>
        public Bounds Mirrored => new(-Most, -Least, -ProvenMost, -ProvenLeast);

        public static Bounds Of(in SpanRecord parent, in SpanRecord child)
        {
            if (parent.StartUnixNano == 0 || child.StartUnixNano == 0)
            {
                return None;
            }

            long least = parent.Start - child.Start;
            bool fits = !parent.IsOpen && !child.IsOpen && child.Duration <= parent.Duration && parent.Status != SpanStatus.Error;
            if (!fits || AsynchronousCall.IsOne(in parent, in child))
            {
                return new Bounds(least, Unbounded, least, Unbounded);
            }

            bool isCall = parent.Kind == SpanKind.Client && child.Kind == SpanKind.Server;
            long most = parent.End - child.End;
            return new Bounds(least, most, least, isCall ? most : Unbounded);
        }

        public Bounds Plus(long offset) => offset == 0 ? this : new(Least + offset, Most + offset, ProvenLeast + offset, ProvenMost + offset);

        public Bounds And(Bounds other) => new(
            Math.Max(Least, other.Least), Math.Min(Most, other.Most), Math.Max(ProvenLeast, other.ProvenLeast), Math.Min(ProvenMost, other.ProvenMost));
    }
}
