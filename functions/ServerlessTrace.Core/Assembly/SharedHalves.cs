using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Client and server of a call may have recorded one id (B3 propagation), whether or not their format says so. Parts of one id of which one is a
/// CLIENT's and another a SERVER's are two spans: the server's get the id of a server's half (<see cref="SharedSpan"/>). Parts without such a kind
/// are the server's if they name its service and not the client's; what of them was merged with the client's before the server was known stays there.
/// A server's half without times has those of the client's.
/// </summary>
/// <param name="find">The first part of a span in the batch that is merged; -1 if there is none.</param>
internal sealed class SharedHalves(Func<TraceId, SpanId, int> find)
{
    private readonly List<int> _timeless = [];
    private readonly HashSet<int> _services = [];
    private readonly Dictionary<(TraceId Trace, SpanId Span), int> _clients = [];
    private bool _changed;

    /// <summary>Whether ids were changed since the last call.</summary>
    public bool TakeChange()
    {
        bool changed = _changed;
        _changed = false;
        return changed;
    }

    /// <summary>Changes the ids of the server's parts among parts of one id.</summary>
    public void Split(SpanBatch batch, ReadOnlySpan<int> parts)
    {
        bool isClient = false;
        bool isServer = false;
        foreach (int part in parts)
        {
            isClient |= batch[part].Kind == SpanKind.Client;
            isServer |= batch[part].Kind == SpanKind.Server;
        }

        ref readonly SpanRecord first = ref batch[parts[0]];
        if (!isClient || (first.Flags & SpanFlags.SharedServer) != 0)
        {
            return;
        }

        _services.Clear();
        int half = find(first.TraceId, SharedSpan.ServerHalf(first.SpanId));
        if (half >= 0 && (batch[half].Flags & SpanFlags.SharedServer) != 0)
        {
            _services.Add(batch[half].Service);
        }

        if (isServer || _services.Count > 0)
        {
            ChangeServers(batch, parts);
        }
    }

    private void ChangeServers(SpanBatch batch, ReadOnlySpan<int> parts)
    {
        foreach (int part in parts)
        {
            if (batch[part].Kind == SpanKind.Server)
            {
                _services.Add(batch[part].Service);
            }
        }

        foreach (int part in parts)
        {
            if (batch[part].Kind == SpanKind.Client)
            {
                _services.Remove(batch[part].Service);
            }
        }

        foreach (int part in parts)
        {
            ref SpanRecord record = ref batch[part];
            if (record.Kind == SpanKind.Server || (record.Kind != SpanKind.Client && _services.Contains(record.Service)))
            {
                record.SpanId = SharedSpan.ServerHalf(record.SpanId);
                record.Flags |= SpanFlags.SharedServer;
                _changed = true;
            }
        }
    }

    /// <summary>Notes a server's half that was merged if it has no times.</summary>
    public void Note(in SpanRecord merged, int index)
    {
        if (merged.Kind == SpanKind.Server && !merged.IsSpan)
        {
            _timeless.Add(index);
        }
    }

    /// <summary>Gives the noted halves the times of their clients'.</summary>
    public void GiveTimes(Span<SpanRecord> merged)
    {
        if (_timeless.Count == 0)
        {
            return;
        }

        foreach (int index in _timeless)
        {
            _clients[(merged[index].TraceId, SharedSpan.ClientHalf(merged[index].SpanId))] = index;
        }

        foreach (ref readonly SpanRecord client in merged)
        {
            if (client.IsSpan && _clients.TryGetValue((client.TraceId, client.SpanId), out int index))
            {
                ref SpanRecord server = ref merged[index];
                server.StartUnixNano = client.StartUnixNano;
                server.EndUnixNano = client.EndUnixNano;
                server.ReportedDurationPlusOne = client.ReportedDurationPlusOne;
                server.Flags |= client.Flags & (SpanFlags.Started | SpanFlags.Ended);
            }
        }

        _timeless.Clear();
        _clients.Clear();
    }
}
