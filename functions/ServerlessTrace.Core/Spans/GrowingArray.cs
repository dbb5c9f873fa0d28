using System.Runtime.CompilerServices;

namespace ServerlessTrace.Core.Spans;

/// <summary>An array that grows by doubling and hands out references; cleared without giving memory back.</summary>
internal struct GrowingArray<T>(int capacity)
    where T : struct
{
    private T[] _items = new T[capacity];

    public int Count { get; private set; }

    public readonly ref T this[int index] => ref _items[index];

    /// <summary>Appends an item, which the caller fills: it may hold an earlier item's values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add()
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(16, Count * 2));
        }

        return ref _items[Count++];
    }

    public Span<T> AddRange(int count)
    {
        if (Count + count > _items.Length)
        {
            Array.Resize(ref _items, Math.Max(Count + count, Count * 2));
        }

        Count += count;
        return _items.AsSpan(Count - count, count);
    }

    public readonly Span<T> Span(int start, int count) => _items.AsSpan(start, count);

    public void Truncate(int count) => Count = Math.Min(Count, count);

    public void Clear() => Count = 0;
}
