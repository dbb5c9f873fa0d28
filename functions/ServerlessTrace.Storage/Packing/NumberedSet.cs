using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Numbers distinct keys from zero in the order they are first met; cleared in the time it took to fill.</summary>
internal sealed class NumberedSet<TKey>
    where TKey : unmanaged, IEquatable<TKey>
{
    private Entry[] _entries = new Entry[16];
    private int[] _buckets = new int[32];

    public int Count { get; private set; }

    /// <summary>The number of a key, or its complement if the key is new and was added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Add(in TKey key, uint hash)
    {
        for (int number = _buckets[hash & (uint)(_buckets.Length - 1)] - 1; number >= 0; number = _entries[number].Next)
        {
            if (_entries[number].Hash == hash && _entries[number].Key.Equals(key))
            {
                return number;
            }
        }

        return ~Append(key, hash);
    }

    public void Clear()
    {
        for (int number = 0; number < Count; number++)
        {
            _buckets[_entries[number].Hash & (uint)(_buckets.Length - 1)] = 0;
        }

        Count = 0;
    }

    private int Append(in TKey key, uint hash)
    {
        if (Count == _entries.Length)
        {
            Grow();
        }

        ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        _entries[Count] = new Entry { Key = key, Hash = hash, Next = bucket - 1 };
        bucket = ++Count;
        return Count - 1;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, Count * 2);
        _buckets = new int[Count * 4];
        for (int number = 0; number < Count; number++)
        {
            ref int bucket = ref _buckets[_entries[number].Hash & (uint)(_buckets.Length - 1)];
            _entries[number].Next = bucket - 1;
            bucket = number + 1;
        }
    }

    private struct Entry
    {
        public TKey Key;
        public uint Hash;
        public int Next;
    }
}
