using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Chrome;

/// <summary>
/// Distributes spans over lanes ("threads") of their services so that whatever overlaps on a lane is nested, and nested only in its own parent.
/// What runs beside its siblings, longer than its parent, or was called by another service, gets the first lane of its service that is free.
/// </summary>
internal sealed class SliceLanes
{
    /// <summary>Viewers draw a few hundred levels; deeper ones go on in another lane.</summary>
    private const int MaxDepth = 250;

    private readonly Trace _trace;
    private readonly int[] _lane;
    private readonly int[] _below;
    private readonly int[] _depth;
    private readonly List<Lane> _lanes = [];
    private readonly List<Service> _services = [];
    private readonly Dictionary<int, int> _serviceNumbers = [];

    public SliceLanes(Trace trace)
    {
        _trace = trace;
        _lane = new int[trace.SpanCount];
        _below = new int[trace.SpanCount];
        _depth = new int[trace.SpanCount];
        Array.Fill(_lane, -1);
        for (int span = 0; span < trace.SpanCount; span++)
        {
            Assign(span);
        }
    }

    /// <summary>How many lanes there are, of all services.</summary>
    public int Count => _lanes.Count;

    /// <summary>A span's lane, numbered across services.</summary>
    public int LaneOf(int span) => _lane[span];

    /// <summary>The place of a lane's service in order of first appearance.</summary>
    public int ServiceOf(int lane) => _lanes[lane].Service;

    /// <summary>The text number of a lane's service.</summary>
    public int ServiceNameOf(int lane) => _services[_lanes[lane].Service].Name;

    /// <summary>A lane's number within its service.</summary>
    public int NumberOf(int lane) => _lanes[lane].Number;

    /// <summary>Where a slice begins: a span of which no time is known stands at the trace's start.</summary>
    public long Start(int span) => _trace[span].Start != 0 ? _trace[span].Start : _trace.Start;

    /// <summary>Where a slice ends: an open span lasts until the trace ends, as far as is known.</summary>
    public long End(int span) => _trace[span].IsOpen ? Math.Max(_trace.End, Start(span)) : Math.Max(_trace[span].End, Start(span));

    private void Assign(int span)
    {
        Service service = ServiceOf(in _trace[span]);
        int parent = _trace.Parents[span];
        if (parent >= 0 && _lane[parent] >= 0 && _trace[parent].Service == _trace[span].Service && IsInside(span, parent))
        {
            Push(_lane[parent], span, _depth[parent] + 1);
            return;
        }

        service.Release(Start(span), _lanes);
        if (!service.Free.TryDequeue(out int lane, out _))
        {
            lane = _lanes.Count;
            _lanes.Add(new Lane(service.Number, ++service.LaneCount));
        }

        Push(lane, span, 1);
        service.Busy.Enqueue(lane, End(span));
    }

    /// <summary>Whether the span fits into its parent's slice, on which nothing else lies at that time.</summary>
    private bool IsInside(int span, int parent)
    {
        Lane lane = _lanes[_lane[parent]];
        while (lane.Top >= 0 && End(lane.Top) <= Start(span))
        {
            lane.Top = _below[lane.Top];
        }

        return lane.Top == parent && End(span) <= End(parent) && _depth[parent] < MaxDepth;
    }

    private void Push(int lane, int span, int depth)
    {
        _below[span] = _lanes[lane].Top;
        _lanes[lane].Top = span;
        _lane[span] = lane;
        _depth[span] = depth;
    }

    private Service ServiceOf(in SpanRecord span)
    {
        if (!_serviceNumbers.TryGetValue(span.Service, out int number))
        {
            number = _services.Count;
            _serviceNumbers.Add(span.Service, number);
            _services.Add(new Service(span.Service, number));
        }

        return _services[number];
    }

    private sealed class Lane(int service, int number)
    {
        public int Service => service;

        public int Number => number;

        /// <summary>The span that the next one would lie on; -1 for none.</summary>
        public int Top { get; set; } = -1;
    }

    private sealed class Service(int name, int number)
    {
        public int Name => name;

        public int Number => number;

        public int LaneCount { get; set; }

        /// <summary>Lanes by number.</summary>
        public PriorityQueue<int, int> Free { get; } = new();

        /// <summary>Lanes by the end of the slice at their bottom.</summary>
        public PriorityQueue<int, long> Busy { get; } = new();

        public void Release(long until, List<Lane> lanes)
        {
            while (Busy.TryPeek(out int lane, out long end) && end <= until)
            {
                Busy.Dequeue();
                lanes[lane].Top = -1;
                Free.Enqueue(lane, lanes[lane].Number);
            }
        }
    }
}
