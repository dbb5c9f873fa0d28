using System.Runtime.InteropServices;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Comparison;

/// <summary>
/// The calls of two traces, merged where service, operation and everything above are the same. Calls are numbered, those above before those below.
/// Linear in the spans of both, and without recursion.
/// </summary>
internal sealed class CallTree
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly Dictionary<(int Above, int Service, int Operation), int> _numbers = [];
    private readonly List<Call> _calls = [];

    public CallTree(TraceAnalysis before, TraceAnalysis after)
    {
        Add(before, isAfter: false);
        Add(after, isAfter: true);
    }

    /// <summary>Calls that the traces do not make equally often: of those below one of them only the ones that a single trace makes while both make the call above.</summary>
    public IReadOnlyList<StructureChange> Changes()
    {
        int[] below = CountBelow();
        var changes = new List<StructureChange>();
        for (int i = 0; i < _calls.Count; i++)
        {
            Call call = _calls[i];
            if (call.Before != call.After && (call.Above < 0 || IsWorthSaying(call, _calls[call.Above])))
            {
                bool both = call.Before > 0 && call.After > 0;
                changes.Add(new StructureChange(PathOf(i), call.Depth, call.Before, call.After, both ? [] : call.BeforeSpans, both ? [] : call.AfterSpans, both ? 0 : below[i]));
            }
        }

        return changes;
    }

    private static bool IsWorthSaying(Call call, Call above) =>
        above.Before == above.After || (call.IsOfOne && !above.IsOfOne);

    private void Add(TraceAnalysis analysis, bool isAfter)
    {
        Trace trace = analysis.Trace;
        var callOf = new int[trace.SpanCount];
        var texts = new Dictionary<int, int>();
        foreach (int span in analysis.Order.Spans)
        {
            int above = trace.Parents[span] < 0 ? -1 : callOf[trace.Parents[span]];
            callOf[span] = NumberOf(above, TextOf(trace[span].Service), TextOf(trace[span].Name));
            _calls[callOf[span]].Count(span, isAfter);
        }

        int TextOf(int id)
        {
            ref int text = ref CollectionsMarshal.GetValueRefOrAddDefault(texts, id, out bool known);
            return known ? text : text = NumberOf(trace.Batch.Text(id));
        }
    }

    private int NumberOf(int above, int service, int operation)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, (above, service, operation), out bool known);
        if (!known)
        {
            number = _calls.Count;
            _calls.Add(new Call(above, service, operation, above < 0 ? 0 : _calls[above].Depth + 1));
        }

        return number;
    }

    private int NumberOf(string text)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts, text, out bool known);
        if (!known)
        {
            number = _names.Count;
            _names.Add(text);
        }

        return number;
    }

    private int[] CountBelow()
    {
        var below = new int[_calls.Count];
        for (int i = _calls.Count - 1; i >= 0; i--)
        {
            if (_calls[i].Above >= 0)
            {
                below[_calls[i].Above] += below[i] + Math.Max(_calls[i].Before, _calls[i].After);
            }
        }

        return below;
    }

    private List<(string Service, string Operation)> PathOf(int call)
    {
        var path = new List<(string, string)>();
        for (int at = call; at >= 0 && path.Count < StructureChange.MaxPath; at = _calls[at].Above)
        {
            path.Add((_names[_calls[at].Service], _names[_calls[at].Operation]));
        }

        path.Reverse();
        return path;
    }

    private sealed class Call(int above, int service, int operation, int depth)
    {
        private List<int>? _before;
        private List<int>? _after;

        public int Above => above;

        public int Service => service;

        public int Operation => operation;

        public int Depth => depth;

        public int Before { get; private set; }

        public int After { get; private set; }

        public bool IsOfOne => Before == 0 || After == 0;

        public IReadOnlyList<int> BeforeSpans => _before ?? [];

        public IReadOnlyList<int> AfterSpans => _after ?? [];

        public void Count(int span, bool isAfter)
        {
            ref List<int>? spans = ref (isAfter ? ref _after : ref _before);
            spans ??= [];
            if (spans.Count < StructureChange.MaxSpans)
            {
                spans.Add(span);
            }

            (Before, After) = isAfter ? (Before, After + 1) : (Before + 1, After);
        }
    }
}
