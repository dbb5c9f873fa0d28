using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Whose clock a span was timed by: that of its service, on the host or instance that its resource names, if it names one. Clocks are numbered as they are met.</summary>
internal sealed class ClockNames
{
    /// <summary>The one that comes first wins: several instances may share a host, hardly any a container.</summary>
    private static readonly string[] HostKeys =
        ["host.id", "host.name", "hostname", "k8s.pod.name", "container.id", "service.instance.id", "faas.instance", "ip"];

    private readonly SpanBatch _batch;
    private readonly int[] _keys = new int[HostKeys.Length];
    private readonly Dictionary<(int Start, int Count), int> _hosts = [];
    private readonly Dictionary<(int Service, int Host), int> _numbers = [];
    private readonly List<(int Service, int Host)> _clocks = [];

    public ClockNames(SpanBatch batch)
    {
        _batch = batch;
        for (int i = 0; i < HostKeys.Length; i++)
        {
            _keys[i] = batch.Strings.Find(Encoding.UTF8.GetBytes(HostKeys[i]));
        }
    }

    public int Count => _clocks.Count;

    public int NumberOf(in SpanRecord span)
    {
        (int, int) clock = (span.Service, HostOf(in span));
        if (!_numbers.TryGetValue(clock, out int number))
        {
            number = _clocks.Count;
            _numbers.Add(clock, number);
            _clocks.Add(clock);
        }

        return number;
    }

    public (string Service, string Host) NameOf(int clock) => (_batch.Text(_clocks[clock].Service), _batch.Text(_clocks[clock].Host));

    /// <summary>The host's string number; 0 where none is named.</summary>
    private int HostOf(in SpanRecord span)
    {
        if (span.SharedCount == 0)
        {
            return 0;
        }

        if (!_hosts.TryGetValue((span.SharedStart, span.SharedCount), out int host))
        {
            host = FindHost(_batch.SharedAttributes(in span));
            _hosts.Add((span.SharedStart, span.SharedCount), host);
        }

        return host;
    }

    private int FindHost(ReadOnlySpan<SpanAttribute> attributes)
    {
        int best = HostKeys.Length;
        int host = 0;
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            int rank = attribute.Kind == AttributeKind.String && attribute.Text != 0 ? Array.IndexOf(_keys, attribute.Key) : -1;
            if (rank >= 0 && rank < best && attribute.Key > 0)
            {
                (best, host) = (rank, attribute.Text);
            }
        }

        return host;
    }
}
