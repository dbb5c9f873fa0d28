using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>
/// Finds the calls in traces of one batch. A call is a span whose parent is of another service; or a span that calls something that sends no spans: its
/// kind is CLIENT or PRODUCER, or it has <c>db.*</c> attributes, it has no child in another service, and its attributes name its peer; or a CONSUMER
/// without a sender that names its queue. A call failed if the span of the called side did, or the CLIENT span that made it. Not thread-safe.
/// </summary>
internal sealed class DependencyFinder(SpanBatch batch)
{
    private readonly PeerAttributes _peers = new(batch);
    private readonly Dictionary<int, DependencyNode> _services = [];
    private bool[] _callsOut = [];

    /// <summary>Appends the calls of a trace.</summary>
    public void Find(Trace trace, List<DependencyCall> calls)
    {
        if (_callsOut.Length < trace.SpanCount)
        {
            _callsOut = new bool[trace.SpanCount * 2];
        }

        Array.Clear(_callsOut, 0, trace.SpanCount);
        ReadOnlySpan<int> parents = trace.Parents;
        for (int span = 0; span < parents.Length; span++)
        {
            int parent = parents[span];
            if (parent >= 0 && trace[parent].Service != trace[span].Service)
            {
                _callsOut[parent] = true;
                bool isMessaging = AsynchronousCall.IsOne(trace, span);
                bool failed = trace[span].Status == SpanStatus.Error || (!isMessaging && trace[parent] is { Kind: SpanKind.Client, Status: SpanStatus.Error });
                calls.Add(new DependencyCall(new DependencySeries(Service(in trace[parent]), Service(in trace[span]), isMessaging), span, failed));
            }
        }

        for (int span = 0; span < parents.Length; span++)
        {
            if (!_callsOut[span])
            {
                AddPeer(trace, span, calls);
            }
        }
    }

    private void AddPeer(Trace trace, int span, List<DependencyCall> calls)
    {
        ref readonly SpanRecord record = ref trace[span];
        if (_peers.Of(in record) is not { } peer)
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
                calls.Add(new DependencyCall(new DependencySeries(peer, Service(in record), IsMessaging: true), span, failed));
            }
        }
        else if (record.Kind is SpanKind.Client or SpanKind.Producer || peer.Kind == DependencyKind.Database)
        {
            calls.Add(new DependencyCall(new DependencySeries(Service(in record), peer, isMessage || record.Kind == SpanKind.Producer), span, failed));
        }
    }

    private DependencyNode Service(in SpanRecord span)
    {
        ref DependencyNode? node = ref CollectionsMarshal.GetValueRefOrAddDefault(_services, span.Service, out _);
        return node ??= new DependencyNode(DependencyKind.Service, batch.Text(span.Service));
    }
}
