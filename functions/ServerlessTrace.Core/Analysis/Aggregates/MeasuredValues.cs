using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>The values of measured attributes that the spans of one trace have; beyond so many different ones, they are not told apart. Not thread-safe.</summary>
internal sealed class MeasuredValues(BatchNames names, int most)
{
    private readonly HashSet<(int Key, string Operation, string Value)> _seen = [];
    private readonly string?[] _values = new string?[names.MeasuredAttributes.Keys.Count];

    /// <summary>A span's measured attributes, its own before those that it shares with others; valid until the next time.</summary>
    public IEnumerable<(string Name, string Value)> Of(in SpanRecord span)
    {
        Array.Clear(_values);
        Take(names.Batch.Attributes(in span));
        Take(names.Batch.SharedAttributes(in span));
        string operation = names.Batch.Text(span.Name);
        return Enumerable.Range(0, _values.Length)
            .Where(key => _values[key] is not null)
            .Select(key => (names.MeasuredAttributes.Keys[key], Known(key, operation, _values[key]!)));
    }

    private void Take(ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (names.MeasuredAttributes[attribute.Key] is >= 0 and int key)
            {
                _values[key] ??= AttributeText.Of(names.Batch, in attribute);
            }
        }
    }

    private string Known(int key, string operation, string value) =>
        _seen.Contains((key, operation, value)) || (_seen.Count < most && _seen.Add((key, operation, value))) ? value : SeriesBounds.OtherValues;
}
