using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Whether a trace can be sealed without waiting: its root ended, no span is open, every parent is present, and every
/// CLIENT or PRODUCER span either has a child or calls a peer that is not known to send spans. So a trace is not sealed
/// while the file of a called service is still to come. A call that names no peer could be of any service: it waits.
/// </summary>
public static class TraceCompleteness
{
    private static readonly byte[][] PeerKeys =
    [
        [.. "peer.service"u8], [.. "server.address"u8], [.. "net.peer.name"u8], [.. "peer.hostname"u8], [.. "http.host"u8],
    ];

    private static readonly byte[][] StoreKeys = [[.. "db.system"u8], [.. "db.system.name"u8]];

    /// <summary>Whether every span that will ever come is there, as far as the trace itself tells.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="sendsSpans">Whether a service of that name (lower case, without port) has ever sent spans.</param>
    public static bool IsComplete(Trace trace, Func<string, bool> sendsSpans)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(sendsSpans);
        if (trace.Root < 0 || trace.OpenCount > 0 || trace.MissingParentCount > 0 || trace.SpanCount != SpansAndTraceEvents(trace))
        {
            return false;
        }

        ReadOnlySpan<int> firstChildren = trace.FirstChildren;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (trace[i].Kind is SpanKind.Client or SpanKind.Producer && firstChildren[i] < 0 && MayStillBeAnswered(trace, i, sendsSpans))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>All records but the trace's own events: events of a span that was never seen announce that span.</summary>
    private static int SpansAndTraceEvents(Trace trace) =>
        trace.RecordCount > 0 && trace[trace.RecordCount - 1].SpanId.IsZero ? trace.RecordCount - 1 : trace.RecordCount;

    private static bool MayStillBeAnswered(Trace trace, int span, Func<string, bool> sendsSpans)
    {
        SpanBatch batch = trace.Batch;
        bool named = false;
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in trace[span]))
        {
            ReadOnlySpan<byte> key = batch.Strings[attribute.Key];
            if (Contains(StoreKeys, key))
            {
                return false;
            }

            if (attribute.Kind == AttributeKind.String && Contains(PeerKeys, key))
            {
                named = true;
                if (IsSender(batch.Strings[attribute.Text], sendsSpans))
                {
                    return true;
                }
            }
        }

        return !named;
    }

    private static bool IsSender(ReadOnlySpan<byte> peer, Func<string, bool> sendsSpans)
    {
        string name = Encoding.UTF8.GetString(peer);
        int port = name.LastIndexOf(':');
        string host = port > 0 && name.IndexOf(':', StringComparison.Ordinal) == port ? name[..port] : name;
        int label = host.IndexOf('.', StringComparison.Ordinal);
#pragma warning disable CA1308 // Host names are compared in lower case.
        host = host.ToLowerInvariant();
#pragma warning restore CA1308
        return sendsSpans(host) || (label > 0 && sendsSpans(host[..label]));
    }

    private static bool Contains(byte[][] keys, ReadOnlySpan<byte> key)
    {
        foreach (byte[] candidate in keys)
        {
            if (key.SequenceEqual(candidate))
            {
                return true;
            }
        }

        return false;
    }
}
