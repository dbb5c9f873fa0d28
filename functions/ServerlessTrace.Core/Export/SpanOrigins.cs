using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export;

/// <summary>Which spans come from the same resource (service and resource attributes) and instrumentation scope.</summary>
internal sealed class SpanOrigins
{
    private readonly SpanBatch _batch;
    private readonly int[] _resource;
    private readonly int[] _scope;
    private readonly Dictionary<(int Service, int Start, int Count), (int Resource, int Scope)> _known = [];
    private readonly AttributeCollection _collection;
    private GrowingArray<SpanAttribute> _attributes = new(16);

    public SpanOrigins(Trace trace)
    {
        _batch = trace.Batch;
        _collection = new AttributeCollection(_batch);
        Resources = new AttributeSets(_batch);
        Scopes = new AttributeSets(_batch);
        _resource = new int[trace.SpanCount];
        _scope = new int[trace.SpanCount];
        for (int i = 0; i < trace.SpanCount; i++)
        {
            (_resource[i], _scope[i]) = Find(in trace[i]);
        }
    }

    /// <summary>The resources; their owner is the service.</summary>
    public AttributeSets Resources { get; }

    /// <summary>The instrumentation scopes.</summary>
    public AttributeSets Scopes { get; }

    public int ResourceOf(int span) => _resource[span];

    public int ScopeOf(int span) => _scope[span];

    private (int Resource, int Scope) Find(in SpanRecord span)
    {
        bool onlyShared = !Describes(_batch.Attributes(in span));
        (int, int, int) shared = (span.Service, span.SharedStart, span.SharedCount);
        if (onlyShared && _known.TryGetValue(shared, out (int, int) known))
        {
            return known;
        }

        (int, int) found = (
            Resources.Find(span.Service, Collect(in span, AttributeScope.Resource)),
            Scopes.Find(0, Collect(in span, AttributeScope.Instrumentation)));
        if (onlyShared)
        {
            _known[shared] = found;
        }

        return found;
    }

    private static bool Describes(ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Scope is AttributeScope.Resource or AttributeScope.Instrumentation)
            {
                return true;
            }
        }

        return false;
    }

    private Span<SpanAttribute> Collect(in SpanRecord span, AttributeScope scope)
    {
        _collection.Clear();
        if (scope == AttributeScope.Resource && span.Service != 0)
        {
            _collection.Take("service.name"u8);
        }

        _collection.Add(_batch.Attributes(in span), scope);
        _collection.Add(_batch.SharedAttributes(in span), scope);
        _attributes.Clear();
        foreach (ref readonly ExportedAttribute attribute in _collection.Items)
        {
            _attributes.Add() = attribute.Value;
        }

        return _attributes.Span(0, _attributes.Count);
    }
}
