using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// Finds the failed spans of a trace and which of them made the others fail. A failing path begins at a failed span that has
/// no failed span above it and goes down, each time to the failed span below that failed first and was not retried with
/// success; its end is the root cause. Spans whose status was not said pass a failure on, spans that say OK contain it,
/// and a failure does not travel up an asynchronous call.
/// </summary>
internal sealed class SpanErrors
{
    private readonly Trace _trace;
    private readonly AdjustedTimes _times;
    private readonly List<int> _failed = [];
    private readonly int[] _above;
    private readonly Dictionary<(int Parent, int Service, int Name), long> _lastSuccess = [];
    private readonly ErrorFields _fields;

    private SpanErrors(Trace trace, TreeOrder order, AdjustedTimes times)
    {
        _trace = trace;
        _times = times;
        _fields = new ErrorFields(trace.Batch);
        _above = new int[trace.SpanCount];
        foreach (int span in order.Spans)
        {
            _above[span] = FailedAbove(span);
            if (trace[span].Status == SpanStatus.Error)
            {
                _failed.Add(span);
            }
        }
    }

    /// <summary>All failures in the order in which they happened: by end, deepest first, then by id.</summary>
    public static IReadOnlyList<SpanError> Of(Trace trace, TreeOrder order, AdjustedTimes times) =>
        trace.ErrorCount == 0 ? [] : new SpanErrors(trace, order, times).Find(order);

    private List<SpanError> Find(TreeOrder order)
    {
        int[] depths = order.Depths.ToArray();
        _failed.Sort((x, y) =>
        {
            int by = _times.EndOf(x).CompareTo(_times.EndOf(y));
            by = by != 0 ? by : depths[y].CompareTo(depths[x]);
            return by != 0 ? by : _trace[x].SpanId.CompareTo(_trace[y].SpanId);
        });
        FindSuccesses();

        Dictionary<int, int> firstBelow = FirstFailuresBelow();
        var causes = new Dictionary<int, int>();
        foreach (int top in _failed)
        {
            if (_above[top] < 0)
            {
                FollowPath(top, firstBelow, causes);
            }
        }

        return _failed.ConvertAll(span => Describe(span, causes));
    }

    private int FailedAbove(int span)
    {
        int parent = _trace.Parents[span];
        return parent < 0 || AsynchronousCall.IsOne(_trace, span) ? -1 : _trace[parent].Status switch
        {
            SpanStatus.Error => parent,
            SpanStatus.Unset => _above[parent],
            _ => -1,
        };
    }

    /// <summary>When the operation of each failed span was last called by the same parent and did not fail.</summary>
    private void FindSuccesses()
    {
        foreach (int span in _failed)
        {
            _lastSuccess[Call(span)] = long.MinValue;
        }

        for (int i = 0; i < _trace.SpanCount; i++)
        {
            if (_trace[i].Status != SpanStatus.Error && !_trace[i].IsOpen && _trace.Parents[i] >= 0)
            {
                ref long last = ref CollectionsMarshal.GetValueRefOrNullRef(_lastSuccess, Call(i));
                if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref last))
                {
                    last = Math.Max(last, _times.StartOf(i));
                }
            }
        }
    }

    private (int Parent, int Service, int Name) Call(int span) => (_trace.Parents[span], _trace[span].Service, _trace[span].Name);

    private bool IsRecovered(int span) => _trace.Parents[span] >= 0 && _lastSuccess[Call(span)] >= _times.EndOf(span);

    private Dictionary<int, int> FirstFailuresBelow()
    {
        var first = new Dictionary<int, int>();
        foreach (int span in _failed)
        {
            if (_above[span] >= 0 && !IsRecovered(span))
            {
                first.TryAdd(_above[span], span);
            }
        }

        return first;
    }

    private static void FollowPath(int top, Dictionary<int, int> firstBelow, Dictionary<int, int> causes)
    {
        int cause = top;
        while (firstBelow.TryGetValue(cause, out int below))
        {
            cause = below;
        }

        for (int span = top; ; span = firstBelow[span])
        {
            causes[span] = cause;
            if (span == cause)
            {
                return;
            }
        }
    }

    private SpanError Describe(int span, Dictionary<int, int> causes)
    {
        int cause = causes.GetValueOrDefault(span, -1);
        (string? code, string? message, string? stack) = _fields.Of(in _trace[span]);
        return new SpanError(span, code, message, stack, cause == span, IsRecovered(span), cause);
    }
}
