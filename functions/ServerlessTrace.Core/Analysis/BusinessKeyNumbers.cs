using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Which configured business key an attribute's name means, looked up once for each name of a batch. Not thread-safe.</summary>
internal sealed class BusinessKeyNumbers
{
    private readonly Dictionary<string, int> _wanted = new(StringComparer.Ordinal);
    private readonly SpanBatch _batch;

    // 0 where a name was not looked up yet; -1 where it means no key; else the key's number plus one.
    private int[] _numbers = [];

    public BusinessKeyNumbers(SpanBatch batch, IReadOnlyList<string> keys)
    {
        _batch = batch;
        Keys = keys;
        for (int i = 0; i < keys.Count; i++)
        {
            _wanted.TryAdd(AttributeName.Plain(keys[i]), i);
        }
    }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>The number of the key that a name, by its number, means; negative for any other name.</summary>
    public int this[int name]
    {
        get
        {
            if (name >= _numbers.Length)
            {
                // Not as long as the batch has texts: names come early in it, and this is made for a single trace, too.
                Array.Resize(ref _numbers, Math.Max(name + 1, _numbers.Length * 2));
            }

            ref int number = ref _numbers[name];
            if (number == 0)
            {
                number = _wanted.TryGetValue(AttributeName.Plain(_batch.Strings[name]), out int key) ? key + 1 : -1;
            }

            return number > 0 ? number - 1 : -1;
        }
    }
}
