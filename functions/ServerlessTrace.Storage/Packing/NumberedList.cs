using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>What <see cref="NumberedSet{TKey}"/> numbered, read back by number; cleared without giving memory back.</summary>
internal sealed class NumberedList<T>
    where T : struct
{
    private T[] _items = new T[32];

    public int Count { get; private set; }

    public ref T this[int number]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // Beyond the count there may be items of an earlier pack.
            if ((uint)number >= (uint)Count)
            {
                Malformed.Throw("something is referred to before it is written");
            }

            return ref _items[number];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        _items[Count++] = item;
    }

    public void Clear() => Count = 0;
}
