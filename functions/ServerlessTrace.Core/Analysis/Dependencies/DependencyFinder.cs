using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>
/// Finds the calls in traces of one batch. A call is
/// <list type="bullet">
/// <item>a span whose nearest ancestor with a known service is of another service;</item>
/// <item>a span that calls something that sends no spans: its kind is CLIENT or PRODUCER, or it has <c>db.*</c> attributes, or, without a kind, it names a
/// <c>peer.service</c>; it has no child in another service, nor a SERVER in its own, and its attributes name its peer, which is not this machine;</item>
/// <item>a SERVER or CONSUMER without a caller that names the service or queue it was called by;</item>
/// <item>a message's way to the broker that its PRODUCER names as <c>peer.service</c>, and from there to its CONSUMER, besides the way between the two.</item>
/// </list>
/// A call failed if the span of the called side did, or the CLIENT span that made it. These are the rules of Zipkin's linker
/// (<c>zipkin2.internal.DependencyLinker</c>), which knows no databases and no direct edges of messages. Not thread-safe.
/// </summary>
internal sealed class DependencyFinder(SpanBatch batch)
{
    private readonly PeerAttributes _peers = new(batch);
    private readonly Dictionary<int, DependencyNode> _services = [];
    private readonly int _unknown = batch.Strings.Find(SourceName.Unknown);
    private bool[] _callsOut = [];
    private int[] _callers = [];

    /// <summary>Whether a span's service is known: a span that names none, of a source whose name tells none, is of no service.</summary>
    public static bool IsKnown(in SpanRecord span, int unknown) =>
        span.Service != 0 && (span.Service != unknown || (span.Flags & SpanFlags.ServiceFromSource) == 0);

    /// <summary>Appends the calls of a trace.</summary>
    public void Find(Trace trace, List<DependencyCall> calls)
    {
        if (_callsOut.Length < trace.SpanCount)
        {
            _callsOut = new bool[trace.SpanCount * 2];
        }

        Array.Clear(_callsOut, 0, trace.SpanCount);
        ReadOnlySpan<int> callers = Callers(trace);
        for (int span = 0; span < callers.Length; span++)
        {
            int caller = callers[span];
            if (caller >= 0 && IsKnown(in trace[span], _unknown) && trace[caller].Service != trace[span].Service)
            {
                _callsOut[caller] = true;
                _callsOut[trace.Parents[span]] = true;
                bool isMessaging = AsynchronousCall.IsOne(trace, span);
                bool failed = trace[span].Status == SpanStatus.Error || (!isMessaging && trace[trace.Parents[span]] is { Kind: SpanKind.Client, Status: SpanStatus.Error });
                calls.Add(new DependencyCall(new DependencySeries(Service(in trace[caller]), Service(in trace[span]), isMessaging), span, failed));
            }
            else if (caller >= 0 && trace[span].Kind == SpanKind.Server && trace[trace.Parents[span]].Kind == SpanKind.Client)
            {
                // A service that calls itself.
                _callsOut[trace.Parents[span]] = true;
            }
        }

        for (int span = 0; span < callers.Length; span++)
        {
            AddPeer(trace, span, IsKnown(in trace[span], _unknown) ? span : callers[span], calls);
        }
    }

    private void AddPeer(Trace trace, int span, int owner, List<DependencyCall> calls)
    {
        ref readonly SpanRecord record = ref trace[span];
        bool failed = record.Status == SpanStatus.Error;
        if (owner < 0 || _peers.IsEmpty)
        {
            return;
        }

        DependencyNode own = Service(in trace[owner]);
        if (record.Kind is SpanKind.Producer or SpanKind.Consumer && _peers.Broker(in record, own.Name) is { } broker)
        {
            bool isSent = record.Kind == SpanKind.Producer;
            calls.Add(new DependencyCall(new DependencySeries(isSent ? own : broker, isSent ? broker : own, IsMessaging: true), span, failed));
            return;
        }

        if (_callsOut[span] || _peers.Of(in record, own.Name) is not { } peer)
        {
            return;
        }

        bool isMessage = peer.Kind == DependencyKind.Queue;
        switch (record.Kind)
        {
            case SpanKind.Consumer:
                // Of whoever sent the message no span is known, so the queue stands for it.
                if (isMessage && !AsynchronousCall.IsOne(trace, span))
                {
                    calls.Add(new DependencyCall(new DependencySeries(peer, own, IsMessaging: true), span, failed));
                }

                break;
            case SpanKind.Server:
                if (trace.Parents[span] < 0 && owner == span && _peers.HasService(in record))
                {
                    calls.Add(new DependencyCall(new DependencySeries(peer, own, IsMessaging: false), span, failed));
                }
                else if (peer.Kind == DependencyKind.Database)
                {
                    calls.Add(new DependencyCall(new DependencySeries(own, peer, IsMessaging: false), span, failed));
                }

                break;
            case SpanKind.Client or SpanKind.Producer:
                calls.Add(new DependencyCall(new DependencySeries(own, peer, isMessage || record.Kind == SpanKind.Producer), span, failed));
                break;
            default:
                if (peer.Kind == DependencyKind.Database || _peers.HasService(in record))
                {
                    calls.Add(new DependencyCall(new DependencySeries(own, peer, isMessage), span, failed));
                }

                break;
        }
    }

    /// <summary>Each span's nearest ancestor whose service is known; -1 where there is none.</summary>
    private ReadOnlySpan<int> Callers(Trace trace)
    {
        ReadOnlySpan<int> parents = trace.Parents;
        bool allKnown = true;
        for (int span = 0; allKnown && span < parents.Length; span++)
        {
            allKnown = IsKnown(in trace[span], _unknown);
        }

        if (allKnown)
        {
            return parents;
        }

        if (_callers.Length < parents.Length)
        {
            _callers = new int[parents.Length * 2];
        }

        // A way up ends at what was found before, so that no span is passed twice.
        const int NotFound = -2;
        _callers.AsSpan(0, parents.Length).Fill(NotFound);
        for (int span = 0; span < parents.Length; span++)
        {
            int found = parents[span];
            while (found >= 0 && !IsKnown(in trace[found], _unknown))
            {
                found = _callers[found] != NotFound ? _callers[found] : parents[found];
            }

            for (int at = span; at >= 0 && _callers[at] == NotFound && (at == span || !IsKnown(in trace[at], _unknown)); at = parents[at])
            {
                _callers[at] = found;
            }
        }

        return _callers.AsSpan(0, parents.Length);
    }

    private DependencyNode Service(in SpanRecord span)
    {
        ref DependencyNode? node = ref CollectionsMarshal.GetValueRefOrAddDefault(_services, span.Service, out _);
        return node ??= new DependencyNode(DependencyKind.Service, batch.Text(span.Service));
    }
}
