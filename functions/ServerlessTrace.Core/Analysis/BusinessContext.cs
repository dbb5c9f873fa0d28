using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// What a trace was about, from the attributes and baggage of its spans and events. Of several values the one of the
/// earliest span counts, its own attribute before its baggage, before its resource; events come last.
/// </summary>
internal sealed class BusinessContext
{
    private readonly SpanBatch _batch;
    private readonly BusinessKeyNumbers _numbers;
    private readonly Fact[] _facts;

    private BusinessContext(SpanBatch batch, BusinessKeyNumbers numbers)
    {
        _batch = batch;
        _numbers = numbers;
        _facts = new Fact[numbers.Keys.Count];
    }

    /// <summary>The keys that the trace has values for, in the order of the keys.</summary>
    public static IReadOnlyList<BusinessFact> Of(Trace trace, IReadOnlyList<string> keys) => Of(trace, new BusinessKeyNumbers(trace.Batch, keys));

    /// <summary>The same for many traces of one batch.</summary>
    public static IReadOnlyList<BusinessFact> Of(Trace trace, BusinessKeyNumbers numbers)
    {
        var context = new BusinessContext(trace.Batch, numbers);
        context.Read(trace);
        var facts = new List<BusinessFact>();
        for (int i = 0; i < numbers.Keys.Count; i++)
        {
            ref Fact fact = ref context._facts[i];
            if (fact.Rank > 0)
            {
                facts.Add(context.Describe(numbers.Keys[i], in fact));
            }
        }

        return facts;
    }

    private BusinessFact Describe(string key, in Fact fact)
    {
        string value = AttributeText.Of(_batch, in fact.Value);
        if (fact.Others is not { } others)
        {
            return new BusinessFact(key, value, fact.Value.Kind, 0);
        }

        others.Remove(fact.Value with { Key = 0, Scope = default, Rank = default });
        SpanBatch batch = _batch;
        IEnumerable<string> texts = others.Select(other => AttributeText.Of(batch, in other));
        if (fact.OtherKinds)
        {
            texts = texts.Where(text => text != value).ToHashSet(StringComparer.Ordinal);
        }

        return new BusinessFact(key, value, fact.Value.Kind, fact.OtherKinds ? texts.Count() : others.Count) { Others = texts };
    }

    private void Read(Trace trace)
    {
        for (int i = 0; i < trace.RecordCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            Consider(_batch.Attributes(in span), isEvent: false);
            Consider(_batch.SharedAttributes(in span), isEvent: false);
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in span))
            {
                Consider(_batch.Attributes(in spanEvent), isEvent: true);
            }

            for (int fact = 0; fact < _facts.Length; fact++)
            {
                // What an earlier span said is settled, unless only an event said it.
                _facts[fact].Settled = _facts[fact].Rank;
            }
        }
    }

    private void Consider(ReadOnlySpan<SpanAttribute> attributes, bool isEvent)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            int place = _numbers[attribute.Key];
            if (place >= 0 && !IsEmpty(in attribute))
            {
                Consider(ref _facts[place], in attribute, isEvent ? 1 : Rank(attribute.Scope));
            }
        }
    }

    private static int Rank(AttributeScope scope) => scope switch
    {
        AttributeScope.Span => 4,
        AttributeScope.Baggage => 3,
        _ => 2,
    };

    private static void Consider(ref Fact fact, in SpanAttribute attribute, int rank)
    {
        bool wins = fact.Settled <= 1 && rank > fact.Rank;
        if (fact.Rank > 0 && !Same(in fact.Value, in attribute))
        {
            // Only counted to say so: the first hundred do. Values are compared as they were logged, which makes no texts of them.
            fact.Others ??= [];
            fact.OtherKinds |= fact.Value.Kind != attribute.Kind;
            if (fact.Others.Count < 100)
            {
                fact.Others.Add((wins ? fact.Value : attribute) with { Key = 0, Scope = default, Rank = default });
            }
        }

        if (wins)
        {
            (fact.Value, fact.Rank) = (attribute, rank);
        }
    }

    private static bool Same(in SpanAttribute left, in SpanAttribute right) => left.Kind == right.Kind && left.Bits == right.Bits;

    private static bool IsEmpty(in SpanAttribute attribute) => attribute.IsText && attribute.Text == 0;

    private struct Fact
    {
        public SpanAttribute Value;
        public int Rank;
        public int Settled;

        /// <summary>Other values, alike but for what is not the value.</summary>
        public HashSet<SpanAttribute>? Others;

        /// <summary>Whether they are of several types, of which two values may be the same text.</summary>
        public bool OtherKinds;
    }
}
