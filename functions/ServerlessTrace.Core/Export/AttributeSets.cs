using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export;

/// <summary>Different sets of attributes, numbered from 0 in order of first appearance.</summary>
internal sealed class AttributeSets(SpanBatch batch)
{
    private readonly Dictionary<int, int> _firstByHash = [];
    private readonly List<(int Owner, int Start, int Count, int NextOfHash)> _sets = [];
    private GrowingArray<SpanAttribute> _attributes = new(64);

    public int Count => _sets.Count;

    /// <summary>What was given as the owner of a set: a service.</summary>
    public int Owner(int set) => _sets[set].Owner;

    /// <summary>A set's attributes in order of their keys.</summary>
    public ReadOnlySpan<SpanAttribute> Attributes(int set) => _attributes.Span(_sets[set].Start, _sets[set].Count);

    /// <summary>The number of a set, whose attributes are put in order of their keys.</summary>
    public int Find(int owner, Span<SpanAttribute> attributes)
    {
        attributes.Sort((x, y) => batch.Strings[x.Key].SequenceCompareTo(batch.Strings[y.Key]));
        var hash = default(HashCode);
        hash.Add(owner);
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            hash.Add(HashCode.Combine(attribute.Key, attribute.Kind, attribute.Bits));
        }

        int code = hash.ToHashCode();
        int first = _firstByHash.GetValueOrDefault(code, -1);
        for (int set = first; set >= 0; set = _sets[set].NextOfHash)
        {
            if (_sets[set].Owner == owner && IsSame(Attributes(set), attributes))
            {
                return set;
            }
        }

        _sets.Add((owner, _attributes.Count, attributes.Length, first));
        attributes.CopyTo(_attributes.AddRange(attributes.Length));
        _firstByHash[code] = _sets.Count - 1;
        return _sets.Count - 1;
    }

    private static bool IsSame(ReadOnlySpan<SpanAttribute> left, ReadOnlySpan<SpanAttribute> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int i = 0; i < left.Length; i++)
        {
            if (left[i].Key != right[i].Key || left[i].Kind != right[i].Kind || left[i].Bits != right[i].Bits)
            {
                return false;
            }
        }

        return true;
    }
}
