using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>
/// Collects the calls of traces. A call is a span whose parent is of another service; or a span that calls something that sends no spans: its kind
/// is CLIENT or PRODUCER, or it has <c>db.*</c> attributes, it has no child in another service, and its attributes name its peer; or a CONSUMER
/// without a sender that names its queue. A call failed if the span of the called side did, or the CLIENT span that made it. Its duration is that of
/// the called side, where that is known. Keeps all durations: meant for one trace, or a few thousand calls. Not thread-safe.
/// </summary>
public sealed class DependencyCalls
{
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<(DependencyNode Caller, DependencyNode Callee, bool IsMessaging), Tally> _calls = [];

    /// <summary>Adds the calls of a trace.</summary>
    public void Add(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var peers = new PeerAttributes(trace.Batch);
        var callsOut = new bool[trace.SpanCount];
        for (int span = 0; span < trace.SpanCount; span++)
        {
            _services.Add(trace.Batch.Text(trace[span].Service));
            int parent = trace.Parents[span];
            if (parent >= 0 && trace[parent].Service != trace[span].Service)
            {
                callsOut[parent] = true;
                bool isMessaging = AsynchronousCall.IsOne(trace, span);
                bool failed = trace[span].Status == SpanStatus.Error || (!isMessaging && trace[parent] is { Kind: SpanKind.Client, Status: SpanStatus.Error });
                Count(Service(trace, parent), Service(trace, span), isMessaging, in trace[span], failed);
            }
        }

        for (int span = 0; span < trace.SpanCount; span++)
        {
            if (!callsOut[span])
            {
                AddPeer(trace, span, peers);
            }
        }
    }

    /// <summary>The graph of all calls so far.</summary>
    public DependencyGraph ToGraph()
    {
        var merged = new Dictionary<(DependencyNode Caller, DependencyNode Callee, bool IsMessaging), Tally>();
        foreach (((DependencyNode caller, DependencyNode callee, bool isMessaging), Tally tally) in _calls)
        {
            // What one trace knows only by name may have sent spans in another one.
            (DependencyNode, DependencyNode, bool) key = (Known(caller), Known(callee), isMessaging);
            merged[key] = merged.TryGetValue(key, out Tally other) ? other.With(tally) : tally;
        }

        DependencyNode[] nodes =
        [
            .. _services.Select(static service => new DependencyNode(DependencyKind.Service, service))
                .Concat(merged.Keys.SelectMany(static key => new[] { key.Caller, key.Callee })).Distinct()
                .OrderBy(static node => node.Kind).ThenBy(static node => node.Name, StringComparer.Ordinal),
        ];
        var places = nodes.Select(static (node, place) => (node, place)).ToDictionary(static pair => pair.node, static pair => pair.place);
        return new DependencyGraph(
            nodes,
            [
                .. merged.OrderBy(edge => places[edge.Key.Caller]).ThenBy(edge => places[edge.Key.Callee]).ThenBy(static edge => edge.Key.IsMessaging)
                    .Select(static edge => edge.Value.ToEdge(edge.Key.Caller, edge.Key.Callee, edge.Key.IsMessaging)),
            ]);
    }

    private DependencyNode Known(DependencyNode node) =>
        node.Kind == DependencyKind.External && _services.Contains(node.Name) ? node with { Kind = DependencyKind.Service } : node;

    private void AddPeer(Trace trace, int span, PeerAttributes peers)
    {
        ref readonly SpanRecord record = ref trace[span];
        if (peers.Of(in record) is not { } peer)
        {
            return;
        }

        bool failed = record.Status == SpanStatus.Error;
        bool isMessage = peer.Kind == DependencyKind.Queue;
        if (record.Kind == SpanKind.Consumer)
        {
            // Of whoever sent the message no span is known, so the queue stands for it.
            if (isMessage && !AsynchronousCall.IsOne(trace, span))
            {
                Count(peer, Service(trace, span), isMessaging: true, in record, failed);
            }
        }
        else if (record.Kind is SpanKind.Client or SpanKind.Producer || peer.Kind == DependencyKind.Database)
        {
            Count(Service(trace, span), peer, isMessage || record.Kind == SpanKind.Producer, in record, failed);
        }
    }

    private static DependencyNode Service(Trace trace, int span) => new(DependencyKind.Service, trace.Batch.Text(trace[span].Service));

    private void Count(DependencyNode caller, DependencyNode callee, bool isMessaging, in SpanRecord span, bool failed)
    {
        ref Tally tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_calls, (caller, callee, isMessaging), out _);
        tally.Durations ??= [];
        tally.Calls++;
        tally.Errors += failed ? 1 : 0;
        if (!span.IsOpen)
        {
            tally.Durations.Add(span.Duration);
        }
    }

    private struct Tally
    {
        public int Calls;
        public int Errors;
        public List<long> Durations;

        public readonly Tally With(Tally other) => new() { Calls = Calls + other.Calls, Errors = Errors + other.Errors, Durations = [.. Durations, .. other.Durations] };

        public readonly DependencyEdge ToEdge(DependencyNode caller, DependencyNode callee, bool isMessaging)
        {
            long[] durations = [.. Durations];
            Array.Sort(durations);
            return new DependencyEdge(caller, callee, isMessaging, Calls, Errors, Percentile(durations, 50), Percentile(durations, 95));
        }

        private static long Percentile(long[] sorted, int percent) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100.0) - 1)];
    }
}
