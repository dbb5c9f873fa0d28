using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace ServerlessTrace.Core.Spans;

/// <summary>
/// UTF-8 texts, each stored once and known by a number. Number 0 is the empty text. Not thread-safe for writing.
/// </summary>
public sealed class StringTable
{
    // Random a process: nobody who writes logs can choose texts that all fall into one bucket.
    private static readonly ulong Seed = SeededHash.Random();
    private static long _generations;

    private const int InitialSlots = 128;

    private byte[] _text = new byte[1024];
    private int _used;
    private Entry[] _entries = new Entry[64];

    // Open addressing; a slot holds a text's hash beside its number, so that a new text costs one cache miss, not three.
    private ulong[] _slots = new ulong[InitialSlots];
    private string?[]? _cache;

    /// <summary>An empty table.</summary>
    public StringTable()
    {
        Count = 1;
        Generation = Interlocked.Increment(ref _generations);
    }

    /// <summary>Unique to this table and to the time since its last <see cref="Clear"/>: while it stays the same, numbers stay valid.</summary>
    internal long Generation { get; private set; }

    /// <summary>How many texts there are, the empty one included.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all texts.</summary>
    public int TextLength => _used;

    /// <summary>All texts, one behind another in the order of their numbers; valid until the next write.</summary>
    internal ReadOnlySpan<byte> AllText => _text.AsSpan(0, _used);

    /// <summary>The text of a number, valid until the next write.</summary>
    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            ref readonly Entry entry = ref _entries[id];
            return _text.AsSpan(entry.Offset, entry.Length);
        }
    }

    /// <summary>Where a text ends in <see cref="AllText"/>; it begins where the one before it ends.</summary>
    internal int EndOf(int id) => _entries[id].Offset + _entries[id].Length;

    /// <summary>The number of a text, which is stored if it is new.</summary>
    public int Add(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? 0 : Add(utf8, Hash(utf8));

    /// <summary>The number of a text that is not empty, whose <see cref="Hash"/> is known already.</summary>
    internal int Add(ReadOnlySpan<byte> utf8, uint hash)
    {
        ulong[] slots = _slots;
        uint mask = (uint)(slots.Length - 1);
        for (uint at = hash & mask; ; at = (at + 1) & mask)
        {
            ulong slot = slots[at];
            if (slot == 0)
            {
                return Store(utf8, hash, at);
            }

            if ((uint)(slot >> 32) == hash && IsText((int)(uint)slot, utf8))
            {
                return (int)(uint)slot;
            }
        }
    }

    /// <summary>Has the memory fetched that <see cref="Add(ReadOnlySpan{byte},uint)"/> will look at first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void Prefetch(uint hash)
    {
        if (Sse.IsSupported)
        {
            // Should the array move meanwhile, a useless line is fetched.
            Sse.Prefetch0(Unsafe.AsPointer(ref _slots[hash & (uint)(_slots.Length - 1)]));
        }
    }

    /// <summary>The number of a text, which is stored if it is new.</summary>
    public int Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int length = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = length <= 512 ? stackalloc byte[512] : new byte[length];
        return Add(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>The number of a text if it is stored; -1 otherwise.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return 0;
        }

        uint hash = Hash(utf8);
        uint mask = (uint)(_slots.Length - 1);
        for (uint at = hash & mask; _slots[at] != 0; at = (at + 1) & mask)
        {
            if ((uint)(_slots[at] >> 32) == hash && IsText((int)(uint)_slots[at], utf8))
            {
                return (int)(uint)_slots[at];
            }
        }

        return -1;
    }

    /// <summary>The text as a string; strings of a number are the same instance until the table is cleared.</summary>
    public string GetString(int id)
    {
        if (id == 0)
        {
            return string.Empty;
        }

        if (_cache is null || _cache.Length <= id)
        {
            Array.Resize(ref _cache, Math.Max(Count, id + 1));
        }

        return _cache[id] ??= Encoding.UTF8.GetString(this[id]);
    }

    /// <summary>Forgets all texts and keeps the memory.</summary>
    public void Clear()
    {
        _used = 0;
        Count = 1;
        Generation = Interlocked.Increment(ref _generations);
        Array.Clear(_slots);
        _cache = null;
    }

    /// <summary>The wyhash construction: one 128-bit multiplication folds 16 bytes, and most texts here are not much longer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Hash(ReadOnlySpan<byte> utf8)
    {
        ref byte text = ref MemoryMarshal.GetReference(utf8);
        int length = utf8.Length;
        ulong seed = Seed;
        ulong first;
        ulong last;
        if (length >= 8)
        {
            int at = 0;
            for (; length - at > 16; at += 16)
            {
                seed = SeededHash.Fold(Read64(ref text, at) ^ 0xa0761d6478bd642f, Read64(ref text, at + 8) ^ seed);
            }

            first = Read64(ref text, Math.Min(at, length - 8));
            last = Read64(ref text, length - 8);
        }
        else if (length >= 4)
        {
            first = Unsafe.ReadUnaligned<uint>(ref text);
            last = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, length - 4));
        }
        else
        {
            first = text | ((ulong)Unsafe.Add(ref text, length >> 1) << 8) | ((ulong)Unsafe.Add(ref text, length - 1) << 16);
            last = 0;
        }

        ulong hash = SeededHash.Fold(first ^ 0xe7037ed1a0b428db ^ (ulong)length, last ^ seed);
        return (uint)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read64(ref byte text, int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, offset));

    private bool IsText(int id, ReadOnlySpan<byte> utf8)
    {
        ref readonly Entry entry = ref _entries[id];
        return entry.Length == utf8.Length && _text.AsSpan(entry.Offset, entry.Length).SequenceEqual(utf8);
    }

    private int Store(ReadOnlySpan<byte> utf8, uint hash, uint slot)
    {
        if (_used + utf8.Length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _used + utf8.Length));
        }

        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        utf8.CopyTo(_text.AsSpan(_used));
        _entries[Count] = new Entry { Offset = _used, Length = utf8.Length };
        _used += utf8.Length;
        _slots[slot] = ((ulong)hash << 32) | (uint)Count;
        int added = Count++;
        if (Count > _slots.Length - (_slots.Length >> 2))
        {
            Rehash();
        }

        return added;
    }

    private void Rehash()
    {
        ulong[] larger = new ulong[_slots.Length * 4];
        uint mask = (uint)(larger.Length - 1);
        foreach (ulong slot in _slots)
        {
            if (slot != 0)
            {
                uint at = (uint)(slot >> 32) & mask;
                while (larger[at] != 0)
                {
                    at = (at + 1) & mask;
                }

                larger[at] = slot;
            }
        }

        _slots = larger;
    }

    private struct Entry
    {
        public int Offset;
        public int Length;
    }
}
