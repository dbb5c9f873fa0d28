using System.Runtime.CompilerServices;
using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// The field names that a source was seen to use. What a name means is worked out once, when it is first seen. Since names come in the
/// same order record after record, the next one is mostly known before it is read.
/// </summary>
/// <typeparam name="TField">The fields that a format knows; its default is a field that means nothing but an attribute.</typeparam>
internal abstract unsafe class FieldKeys<TField>(ReadLimits limits, JsonScanner json)
    where TField : struct, Enum
{
    /// <summary>Names that are remembered. Beyond this a source invents names as it goes: remembering more would cost memory and time.</summary>
    public const int Remembered = 4096;

    private const int RememberedLength = 256;
    private const int Buckets = 1024;

    private readonly Dictionary<(string Name, AttributeScope Scope), AttributeKey> _attributes = [];
    private readonly FieldKey<TField>?[] _buckets = new FieldKey<TField>?[Buckets];
    private int _fields;

    /// <summary>Whether there are so many names, those of attributes included that no field has, that it is better to begin anew.</summary>
    public bool IsFull => Math.Max(_fields, _attributes.Count) >= Remembered;

    /// <summary>Where the chain of predicted names begins.</summary>
    public FieldKey<TField> Beginning { get; } = new([], 0, default, new AttributeKey([], AttributeScope.Span));

    /// <summary>Reads a name from behind its opening quote to behind its closing one.</summary>
    /// <param name="at">The name's first byte.</param>
    /// <param name="key">The key before it, then its own.</param>
    /// <param name="place">Where it stands.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadName(byte* at, ref FieldKey<TField> key, int place)
    {
        if (key.Next is { } next && next.Stands(at, json.End))
        {
            key = next;
        }
        else if (key.Other is { } other && other.Stands(at, json.End))
        {
            key = other;
        }
        else
        {
            return FindName(at, ref key, place);
        }

        return at + key.WrittenLength;
    }

    /// <summary>Reads the key before a value, colon included.</summary>
    /// <param name="at">The key's opening quote.</param>
    /// <param name="key">The key before it, then it.</param>
    /// <param name="place">Where it stands.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadKey(byte* at, ref FieldKey<TField> key, int place)
    {
        if (*at != '"')
        {
            return json.Fail(at, "a field's name in quotes is expected");
        }

        at = ReadName(at + 1, ref key, place);
        return at is null ? null : json.PassColon(at);
    }

    /// <summary>The key of an attribute, the same object for the same name and scope.</summary>
    public AttributeKey Attribute(string name, AttributeScope scope = AttributeScope.Span)
    {
        if (_attributes.TryGetValue((name, scope), out AttributeKey? known))
        {
            return known;
        }

        AttributeKey added = new(Encoding.UTF8.GetBytes(name), scope);
        _attributes.Add((name, scope), added);
        return added;
    }

    /// <summary>What a name means.</summary>
    protected abstract FieldMeaning<TField> Classify(string name, int place);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* FindName(byte* at, ref FieldKey<TField> key, int place)
    {
        byte* end = json.FindStringEnd(at, out _, out _);
        if (end is null)
        {
            return null;
        }

        // The raw text is what is compared; only a new name is resolved.
        byte* behind = json.ReadString(at, out byte* plain, out int length);
        if (behind is null)
        {
            return null;
        }

        ReadOnlySpan<byte> name = JsonText.Cut(new ReadOnlySpan<byte>(plain, length), limits.AttributeBytes);
        FieldKey<TField> found = Get(new ReadOnlySpan<byte>(at, (int)(end - at)), name, place);
        key.FollowedBy(found);
        key = found;
        return behind;
    }

    /// <summary>The key of a name as it is written between its quotes.</summary>
    /// <param name="written">The name with its escapes.</param>
    /// <param name="plain">The name without.</param>
    /// <param name="place">Where it stands.</param>
    internal FieldKey<TField> Get(ReadOnlySpan<byte> written, ReadOnlySpan<byte> plain, int place)
    {
        int bucket = Bucket(written, place);
        for (FieldKey<TField>? key = _buckets[bucket]; key is not null; key = key.NextInBucket)
        {
            if (key.Place == place && key.Written.SequenceEqual(written))
            {
                return key;
            }
        }

        FieldMeaning<TField> meaning = Classify(Encoding.UTF8.GetString(plain), place);
        FieldKey<TField> added = new(written, place, meaning, Attribute(meaning.Attribute, meaning.Scope));
        if (written.Length <= RememberedLength && _fields < Remembered)
        {
            added.NextInBucket = _buckets[bucket];
            _buckets[bucket] = added;
            _fields++;
        }

        return added;
    }

    private static int Bucket(ReadOnlySpan<byte> written, int place) =>
        (int)((written.IsEmpty ? 0 : StringTable.Hash(written)) + (uint)place) & (Buckets - 1);
}
