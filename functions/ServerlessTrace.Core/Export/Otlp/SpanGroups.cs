namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>Spans by resource and instrumentation scope, groups and spans each in order of first appearance; -1 ends a list.</summary>
internal sealed class SpanGroups
{
    private readonly int[] _firstOfResource;
    private readonly int[] _nextSpan;
    private readonly List<Group> _groups = [];

    public SpanGroups(int spanCount, SpanOrigins origins)
    {
        _firstOfResource = new int[origins.Resources.Count];
        int[] lastOfResource = new int[origins.Resources.Count];
        Array.Fill(_firstOfResource, -1);
        _nextSpan = new int[spanCount];
        var places = new Dictionary<(int Resource, int Scope), int>();
        for (int span = 0; span < spanCount; span++)
        {
            _nextSpan[span] = -1;
            (int Resource, int Scope) key = (origins.ResourceOf(span), origins.ScopeOf(span));
            if (places.TryGetValue(key, out int place))
            {
                _nextSpan[_groups[place].LastSpan] = span;
                _groups[place].LastSpan = span;
                continue;
            }

            places.Add(key, _groups.Count);
            if (_firstOfResource[key.Resource] < 0)
            {
                _firstOfResource[key.Resource] = _groups.Count;
            }
            else
            {
                _groups[lastOfResource[key.Resource]].Next = _groups.Count;
            }

            lastOfResource[key.Resource] = _groups.Count;
            _groups.Add(new Group(key.Scope, span));
        }
    }

    public int FirstOfResource(int resource) => _firstOfResource[resource];

    public int NextOfResource(int group) => _groups[group].Next;

    public int ScopeOf(int group) => _groups[group].Scope;

    public int FirstSpan(int group) => _groups[group].FirstSpan;

    public int NextSpan(int span) => _nextSpan[span];

    private sealed class Group(int scope, int first)
    {
        public int Scope => scope;

        public int FirstSpan { get; } = first;

        public int LastSpan { get; set; } = first;

        public int Next { get; set; } = -1;
    }
}
