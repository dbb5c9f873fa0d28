using System.Buffers.Binary;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>
/// Merges the parts of one span. Every field is merged by a rule that is commutative, associative and idempotent: the
/// earliest recorded start, the latest recorded end, the worst status; of two texts the one with the better origin, else
/// the one that sorts first or last. Parts that contradict each other mark the span
/// <see cref="SpanFlags.Contradicted"/>, those that start or end it at different times <see cref="SpanFlags.Repeated"/>.
/// </summary>
internal sealed class SpanPartMerge
{
    private const int InsertionSortLimit = 40;

    private readonly List<SpanAttribute> _attributes = [];
    private readonly List<SpanEvent> _events = [];
    private readonly List<SpanLink> _links = [];
    private readonly BatchOrder _order = new();
    private UnionEntry[] _union = [];

    public SpanRecord Merge(SpanBatch batch, ReadOnlySpan<int> parts)
    {
        SpanRecord merged = AmbiguousTimes.Recorded(in batch[parts[0]]);
        foreach (int part in parts[1..])
        {
            MergeFields(batch.Strings, ref merged, AmbiguousTimes.Recorded(in batch[part]));
        }

        _order.Batch = batch;
        MergeAttributes(batch, parts, ref merged);
        MergeShared(batch, parts, ref merged);
        MergeEvents(batch, parts, ref merged);
        MergeLinks(batch, parts, ref merged);
        return merged;
    }

    private static void MergeFields(StringTable strings, ref SpanRecord merged, in SpanRecord part)
    {
        bool contradicted = false;
        bool repeated = Differ(merged.StartUnixNano, part.StartUnixNano) || Differ(merged.EndUnixNano, part.EndUnixNano);
        merged.StartUnixNano = EarliestKnown(merged.StartUnixNano, part.StartUnixNano);
        SpanFlags ambiguous = MergeEnd(ref merged, in part);
        merged.ReportedDurationPlusOne = Math.Max(merged.ReportedDurationPlusOne, part.ReportedDurationPlusOne);
        merged.Status = (SpanStatus)Math.Max((byte)merged.Status, (byte)part.Status);
        merged.StatusMessage = LastText(strings, merged.StatusMessage, part.StatusMessage);
        merged.TraceState = LastText(strings, merged.TraceState, part.TraceState);
        SpanFlags follows = MergeParent(ref merged, in part, ref contradicted);
        MergeKind(ref merged, in part, ref contradicted);
        SpanFlags serviceFlag = MergeService(strings, ref merged, in part, ref contradicted);
        SpanFlags nameFlag = MergeName(strings, ref merged, in part, ref contradicted);

        const SpanFlags Chosen = SpanFlags.ServiceFromSource | SpanFlags.NameFromStart | SpanFlags.FollowsFrom | SpanFlags.TimeIsAmbiguous;
        merged.Flags = ((merged.Flags | part.Flags) & ~Chosen) | serviceFlag | nameFlag | follows | ambiguous
            | (contradicted ? SpanFlags.Contradicted : SpanFlags.None) | (repeated ? SpanFlags.Repeated : SpanFlags.None);
    }

    /// <summary>An end that a record says to be one counts more than a time that may be the start.</summary>
    private static SpanFlags MergeEnd(ref SpanRecord merged, in SpanRecord part)
    {
        int mergedRank = EndRank(in merged);
        int partRank = EndRank(in part);
        merged.EndUnixNano = mergedRank == partRank ? Math.Max(merged.EndUnixNano, part.EndUnixNano)
            : partRank > mergedRank ? part.EndUnixNano
            : merged.EndUnixNano;
        return Math.Max(mergedRank, partRank) == 1 ? SpanFlags.TimeIsAmbiguous : SpanFlags.None;
    }

    private static int EndRank(in SpanRecord record) => record.EndUnixNano == 0 ? 0 : (record.Flags & SpanFlags.TimeIsAmbiguous) != 0 ? 1 : 2;

    private static bool Differ(long left, long right) => left != right && left != 0 && right != 0;

    private static SpanFlags MergeParent(ref SpanRecord merged, in SpanRecord part, ref bool contradicted)
    {
        if (merged.ParentSpanId == part.ParentSpanId)
        {
            return (merged.Flags | part.Flags) & SpanFlags.FollowsFrom;
        }

        if (part.ParentSpanId.IsZero)
        {
            return merged.Flags & SpanFlags.FollowsFrom;
        }

        if (merged.ParentSpanId.IsZero)
        {
            merged.ParentSpanId = part.ParentSpanId;
            return part.Flags & SpanFlags.FollowsFrom;
        }

        contradicted = true;
        if (part.ParentSpanId < merged.ParentSpanId)
        {
            merged.ParentSpanId = part.ParentSpanId;
            return part.Flags & SpanFlags.FollowsFrom;
        }

        return merged.Flags & SpanFlags.FollowsFrom;
    }

    private static void MergeKind(ref SpanRecord merged, in SpanRecord part, ref bool contradicted)
    {
        contradicted |= merged.Kind > SpanKind.Internal && part.Kind > SpanKind.Internal && merged.Kind != part.Kind;
        merged.Kind = (SpanKind)Math.Max((byte)merged.Kind, (byte)part.Kind);
    }

    private static SpanFlags MergeService(StringTable strings, ref SpanRecord merged, in SpanRecord part, ref bool contradicted)
    {
        int mergedRank = ServiceRank(in merged);
        int partRank = ServiceRank(in part);
        if (mergedRank == partRank)
        {
            contradicted |= mergedRank == 2 && merged.Service != part.Service;
            merged.Service = FirstText(strings, merged.Service, part.Service);
        }
        else if (partRank > mergedRank)
        {
            merged.Service = part.Service;
        }

        return Math.Max(mergedRank, partRank) == 1 ? SpanFlags.ServiceFromSource : SpanFlags.None;
    }

    private static int ServiceRank(in SpanRecord record) =>
        record.Service == 0 ? 0 : (record.Flags & SpanFlags.ServiceFromSource) != 0 ? 1 : 2;

    private static SpanFlags MergeName(StringTable strings, ref SpanRecord merged, in SpanRecord part, ref bool contradicted)
    {
        int mergedRank = NameRank(in merged);
        int partRank = NameRank(in part);
        if (mergedRank == partRank)
        {
            // Only names of equal and highest rank can contradict: of lower ones none is left to compare with once a higher one came.
            contradicted |= mergedRank == 2 && merged.Name != part.Name;
            merged.Name = FirstText(strings, merged.Name, part.Name);
        }
        else if (partRank > mergedRank)
        {
            merged.Name = part.Name;
        }

        return Math.Max(mergedRank, partRank) == 2 ? SpanFlags.NameFromStart : SpanFlags.None;
    }

    private static int NameRank(in SpanRecord record) =>
        record.Name == 0 ? 0 : (record.Flags & SpanFlags.NameFromStart) != 0 ? 2 : 1;

    private static long EarliestKnown(long left, long right) => left == 0 ? right : right == 0 ? left : Math.Min(left, right);

    private static int FirstText(StringTable strings, int left, int right) =>
        left == right || right == 0 ? left : left == 0 || strings[right].SequenceCompareTo(strings[left]) < 0 ? right : left;

    private static int LastText(StringTable strings, int left, int right) =>
        left == right || right == 0 ? left : left == 0 || strings[right].SequenceCompareTo(strings[left]) > 0 ? right : left;

    private void MergeAttributes(SpanBatch batch, ReadOnlySpan<int> parts, ref SpanRecord merged)
    {
        bool same = true;
        foreach (int part in parts[1..])
        {
            same = same && batch.Attributes(in batch[part]).SequenceEqual(batch.Attributes(in batch[parts[0]]));
        }

        if (same)
        {
            return;
        }

        _attributes.Clear();
        foreach (int part in parts)
        {
            _attributes.AddRange(batch.Attributes(in batch[part]));
        }

        (merged.AttributeStart, merged.AttributeCount) = WriteUnion(batch);
    }

    private void MergeShared(SpanBatch batch, ReadOnlySpan<int> parts, ref SpanRecord merged)
    {
        bool same = true;
        foreach (int part in parts[1..])
        {
            ref readonly SpanRecord record = ref batch[part];
            same = same && ((record.SharedStart, record.SharedCount) == (merged.SharedStart, merged.SharedCount)
                || batch.SharedAttributes(in record).SequenceEqual(batch.SharedAttributes(in merged)));
        }

        if (same)
        {
            return;
        }

        _attributes.Clear();
        foreach (int part in parts)
        {
            _attributes.AddRange(batch.SharedAttributes(in batch[part]));
        }

        (merged.SharedStart, merged.SharedCount) = WriteUnion(batch);
    }

    /// <summary>Sorts the collected attributes and writes one a key: of the highest rank, then the greatest value.</summary>
    private (int Start, int Count) WriteUnion(SpanBatch batch)
    {
        Sort(batch.Strings);
        int start = batch.AttributeCount;
        for (int i = 0; i < _attributes.Count; i++)
        {
            ref readonly SpanAttribute attribute = ref _union[i].Attribute;
            bool lastOfKey = i + 1 == _attributes.Count
                || attribute.Key != _union[i + 1].Attribute.Key
                || attribute.Scope != _union[i + 1].Attribute.Scope;
            if (lastOfKey)
            {
                batch.AddAttribute(in attribute);
            }
        }

        return (start, batch.AttributeCount - start);
    }

    /// <summary>
    /// Sorts by <see cref="BatchOrder"/>. Most comparisons are decided by the scope and the key's first bytes, which are looked
    /// up once; spans have few attributes, for which insertion is quickest.
    /// </summary>
    private void Sort(StringTable strings)
    {
        if (_union.Length < _attributes.Count)
        {
            _union = new UnionEntry[_attributes.Count * 2];
        }

        for (int i = 0; i < _attributes.Count; i++)
        {
            SpanAttribute attribute = _attributes[i];
            _union[i] = new UnionEntry(Prefix(strings[attribute.Key]), attribute);
        }

        Span<UnionEntry> entries = _union.AsSpan(0, _attributes.Count);
        if (entries.Length > InsertionSortLimit)
        {
            entries.Sort(Compare);
            return;
        }

        for (int i = 1; i < entries.Length; i++)
        {
            UnionEntry moving = entries[i];
            int at = i;
            for (; at > 0 && Compare(moving, entries[at - 1]) < 0; at--)
            {
                entries[at] = entries[at - 1];
            }

            entries[at] = moving;
        }
    }

    private int Compare(UnionEntry x, UnionEntry y)
    {
        if (x.Attribute.Scope != y.Attribute.Scope)
        {
            return x.Attribute.Scope.CompareTo(y.Attribute.Scope);
        }

        return x.KeyPrefix != y.KeyPrefix ? x.KeyPrefix.CompareTo(y.KeyPrefix) : _order.Compare(x.Attribute, y.Attribute);
    }

    /// <summary>The first eight bytes as a number that sorts as they do; shorter texts are filled with zeros.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> text)
    {
        if (text.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(text);
        }

        ulong prefix = 0;
        for (int i = 0; i < text.Length; i++)
        {
            prefix |= (ulong)text[i] << (56 - (8 * i));
        }

        return prefix;
    }

    /// <summary>Puts a span's events and links in the order of their content and drops those that are there twice.</summary>
    public void OrderEvents(SpanBatch batch, ref SpanRecord span)
    {
        if (span.EventCount > 1)
        {
            _order.Batch = batch;
            span.EventCount = SortDistinct(batch.MutableEvents(in span), _order.Compare);
        }

        if (span.LinkCount > 1)
        {
            _order.Batch = batch;
            span.LinkCount = SortDistinct(batch.MutableLinks(in span), _order.Compare);
        }
    }

    private static int SortDistinct<T>(Span<T> items, Comparison<T> order)
    {
        items.Sort(order);
        int kept = 1;
        for (int i = 1; i < items.Length; i++)
        {
            if (order(items[kept - 1], items[i]) != 0)
            {
                items[kept++] = items[i];
            }
        }

        return kept;
    }

    private void MergeEvents(SpanBatch batch, ReadOnlySpan<int> parts, ref SpanRecord merged)
    {
        _events.Clear();
        int withEvents = 0;
        foreach (int part in parts)
        {
            ref readonly SpanRecord record = ref batch[part];
            if (record.EventCount > 0)
            {
                withEvents++;
                (merged.EventStart, merged.EventCount) = (record.EventStart, record.EventCount);
                _events.AddRange(batch.Events(in record));
            }
        }

        if (withEvents > 1)
        {
            (merged.EventStart, merged.EventCount) = (batch.EventCount, _events.Count);
            foreach (SpanEvent spanEvent in _events)
            {
                batch.AddEvent(in spanEvent);
            }
        }
    }

    private void MergeLinks(SpanBatch batch, ReadOnlySpan<int> parts, ref SpanRecord merged)
    {
        _links.Clear();
        int withLinks = 0;
        foreach (int part in parts)
        {
            ref readonly SpanRecord record = ref batch[part];
            if (record.LinkCount > 0)
            {
                withLinks++;
                (merged.LinkStart, merged.LinkCount) = (record.LinkStart, record.LinkCount);
                _links.AddRange(batch.Links(in record));
            }
        }

        if (withLinks > 1)
        {
            (merged.LinkStart, merged.LinkCount) = (batch.LinkCount, _links.Count);
            foreach (SpanLink link in _links)
            {
                batch.AddLink(in link);
            }
        }
    }

    private readonly record struct UnionEntry
    {
        public readonly ulong KeyPrefix;
        public readonly SpanAttribute Attribute;

        public UnionEntry(ulong keyPrefix, SpanAttribute attribute)
        {
            KeyPrefix = keyPrefix;
            Attribute = attribute;
        }
    }
}
