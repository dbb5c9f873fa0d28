using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// A field's name as it is written in one place, what it means there, and which names followed it last. A producer writes
/// its fields in the same order line after line, so the next name is mostly known before it is read.
/// </summary>
/// <typeparam name="TField">The fields that a format knows.</typeparam>
internal sealed unsafe class FieldKey<TField>
    where TField : struct, Enum
{
    private readonly byte[] _written;
    private readonly FieldMeaning<TField> _meaning;
    private VectorBytes _pattern;
    private VectorBytes _mask;
    private FieldKey<TField>? _beginning;

    /// <summary>A key.</summary>
    /// <param name="written">The name as it stands between the quotes, escapes and all.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="meaning">What it means there.</param>
    /// <param name="attribute">The attribute it becomes, or would become if its value is not what the field wants.</param>
    public FieldKey(ReadOnlySpan<byte> written, int place, FieldMeaning<TField> meaning, AttributeKey attribute)
    {
        _written = [.. written, (byte)'"'];
        Place = place;
        _meaning = meaning;
        Attribute = attribute;
        if (_written.Length <= Vector256<byte>.Count)
        {
            _written.CopyTo(_pattern);
            _mask[.._written.Length].Fill(0xFF);
        }
    }

    /// <summary>Where it stands.</summary>
    public int Place { get; }

    /// <summary>What it means there.</summary>
    public TField Field => _meaning.Field;

    /// <summary>How strongly it claims to be the one where several fields mean the same: the higher wins.</summary>
    public int Strength => _meaning.Strength;

    /// <summary>The attribute it becomes, or would become if its value is not what the field wants.</summary>
    public AttributeKey Attribute { get; }

    /// <summary>The key that followed last in the same object.</summary>
    public FieldKey<TField>? Next { get; private set; }

    /// <summary>The key that followed before <see cref="Next"/> did: start and end records of one producer alternate.</summary>
    public FieldKey<TField>? Other { get; private set; }

    /// <summary>Where the chain of predicted names begins in the object that is this field's value.</summary>
    public FieldKey<TField> Beginning => _beginning ??= new FieldKey<TField>([], Place, _meaning, Attribute);

    /// <summary>The next key in the same bucket of the table.</summary>
    public FieldKey<TField>? NextInBucket { get; set; }

    /// <summary>Bytes of the name and its closing quote.</summary>
    public int WrittenLength => _written.Length;

    /// <summary>The name as it is written.</summary>
    public ReadOnlySpan<byte> Written => _written.AsSpan(0, _written.Length - 1);

    /// <summary>Whether this name and a closing quote stand here. Reads up to 32 bytes, so <see cref="JsonScanner.Slack"/> must follow the content.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Stands(byte* at, byte* end) =>
        _written.Length <= Vector256<byte>.Count
            ? ((Vector256.Load(at) ^ Vector256.LoadUnsafe(ref _pattern[0])) & Vector256.LoadUnsafe(ref _mask[0])) == Vector256<byte>.Zero
            : end - at >= _written.Length && new ReadOnlySpan<byte>(at, _written.Length).SequenceEqual(_written);

    /// <summary>Remembers which key followed.</summary>
    public void FollowedBy(FieldKey<TField> key)
    {
        Other = Next;
        Next = key;
    }

    /// <summary>The bytes of a vector: a class with a field of a vector's type cannot be compiled ahead of time.</summary>
    [InlineArray(32)]
    private struct VectorBytes
    {
        private byte _first;
    }
}
