using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Numbers distinct sequences of 64-bit words from one in the order they are first met; zero is the empty sequence.</summary>
internal sealed class SequenceSet
{
    private readonly List<(int Start, int Count, uint Hash, int Next)> _entries = [];
    private int[] _buckets = new int[32];
    private ulong[] _words = new ulong[256];
    private int _used;

    /// <summary>The number of a sequence, or its complement if it is new and was added.</summary>
    public int Add(ReadOnlySpan<ulong> words)
    {
        if (words.IsEmpty)
        {
            return 0;
        }

        uint hash = SeededHash.Of(words);
        for (int number = _buckets[hash & (uint)(_buckets.Length - 1)]; number != 0;)
        {
            (int start, int count, uint entryHash, int next) = _entries[number - 1];
            if (entryHash == hash && words.SequenceEqual(_words.AsSpan(start, count)))
            {
                return number;
            }

            number = next;
        }

        return ~Append(words, hash);
    }

    public void Clear()
    {
        foreach ((int _, int _, uint hash, int _) in _entries)
        {
            _buckets[hash & (uint)(_buckets.Length - 1)] = 0;
        }

        _entries.Clear();
        _used = 0;
    }

    private int Append(ReadOnlySpan<ulong> words, uint hash)
    {
        if (_entries.Count * 2 >= _buckets.Length)
        {
            Grow();
        }

        if (_words.Length - _used < words.Length)
        {
            Array.Resize(ref _words, Math.Max(_words.Length * 2, _used + words.Length));
        }

        words.CopyTo(_words.AsSpan(_used));
        ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        _entries.Add((_used, words.Length, hash, bucket));
        _used += words.Length;
        bucket = _entries.Count;
        return bucket;
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 4];
        for (int number = 1; number <= _entries.Count; number++)
        {
            (int start, int count, uint hash, int _) = _entries[number - 1];
            ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
            _entries[number - 1] = (start, count, hash, bucket);
            bucket = number;
        }
    }
}
