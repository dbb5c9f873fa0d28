using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// Reads values as attributes of one record after another, in place and within the limits. Texts go into the batch's table at once,
/// so nothing is held as a string. Of attributes that a record has twice the last wins.
/// </summary>
internal sealed unsafe class AttributeReader(ReadLimits limits, JsonScanner json)
{
    private readonly PendingText[] _pending = new PendingText[64];
    private int _pendingCount;
    private StringTable _strings = new();
    private long _serial;

    /// <summary>Whether something of the record was cut to a limit.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Whether an integer of the record exceeds 64 bits and was kept as text.</summary>
    public bool HasOddNumber { get; private set; }

    /// <summary>Begins a record.</summary>
    /// <param name="strings">Where its texts go.</param>
    public void Begin(StringTable strings)
    {
        _strings = strings;
        _pendingCount = 0;
        _serial++;
        Truncated = false;
        HasOddNumber = false;
    }

    /// <summary>Whether the record has an attribute.</summary>
    public bool Has(AttributeKey key) => key.LastRecord == _serial;

    /// <summary>Adds an attribute, or gives it another value if the record has it.</summary>
    public void Add(AttributeList list, AttributeKey key, AttributeKind kind, long bits)
    {
        SpanAttribute attribute = new(key.IdIn(_strings), kind, bits, key.Scope);
        if (key.LastRecord == _serial)
        {
            ResolveTexts();
            key.List!.TryReplace(attribute);
        }
        else if (list.Count >= limits.AttributesPerSpan)
        {
            Truncated = true;
        }
        else
        {
            Remember(key, list);
            list.Add(attribute);
        }
    }

    /// <summary>Adds a text attribute by the text's number, unless there is no text.</summary>
    public void AddText(AttributeList list, AttributeKey key, int text)
    {
        if (text != 0)
        {
            Add(list, key, AttributeKind.String, text);
        }
    }

    /// <summary>The number of a text, cut to the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Intern(ReadOnlySpan<byte> text) => _strings.Add(text.Length <= limits.AttributeBytes ? text : Cut(text));

    /// <summary>A text that is too long, cut to the limit between two characters.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text)
    {
        Truncated = true;
        return JsonText.Cut(text, limits.AttributeBytes);
    }

    /// <summary>
    /// Gives the attributes whose values are texts of the content their numbers; to be called before the record's lists are used. Until
    /// then the table's memory that they need was being fetched: done one by one, each new text would wait for it.
    /// </summary>
    public void ResolveTexts()
    {
        foreach (ref readonly PendingText pending in _pending.AsSpan(0, _pendingCount))
        {
            pending.List.SetBits(pending.Index, _strings.Add(new ReadOnlySpan<byte>(pending.Text, pending.Length), pending.Hash));
        }

        _pendingCount = 0;
    }

    /// <summary>Reads a value of any kind as an attribute; null if it is no JSON, as the scanner then says.</summary>
    public byte* Read(byte* at, AttributeKey key, AttributeList list, int depth)
    {
        AttributeKind kind;
        long bits;
        byte* start = at;
        switch (*at)
        {
            case (byte)'"':
                at = json.ReadString(at + 1, out byte* text, out int length);
                if (at is null)
                {
                    return null;
                }

                if (length > 0 && length <= limits.AttributeBytes && text == start + 1 && key.LastRecord != _serial && list.Count < limits.AttributesPerSpan)
                {
                    Postpone(key, list, text, length);
                    return at;
                }

                kind = AttributeKind.String;
                bits = Intern(new ReadOnlySpan<byte>(text, length));
                break;
            case (byte)'t' or (byte)'f':
                at = json.SkipWord(at, *at == 't' ? "true"u8 : "false"u8);
                kind = AttributeKind.Bool;
                bits = *start == 't' ? 1 : 0;
                break;
            case (byte)'{' or (byte)'[' or (byte)'n':
                at = json.SkipValue(at, depth);
                kind = AttributeKind.Json;
                bits = 0;
                break;
            default:
                at = json.ReadNumber(at, out kind, out bits);
                break;
        }

        if (at is null)
        {
            return null;
        }

        if (kind == AttributeKind.Json)
        {
            ReadOnlySpan<byte> raw = json.Repair(new ReadOnlySpan<byte>(start, (int)(at - start)));
            bool isInteger = !raw[(raw[0] == '-' ? 1 : 0)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
            HasOddNumber |= isInteger;

            // Cut JSON is no JSON any more.
            kind = isInteger || raw.Length > limits.AttributeBytes ? AttributeKind.String : AttributeKind.Json;
            bits = Intern(raw);
        }

        Add(list, key, kind, bits);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Postpone(AttributeKey key, AttributeList list, byte* text, int length)
    {
        uint hash = StringTable.Hash(new ReadOnlySpan<byte>(text, length));
        _strings.Prefetch(hash);
        if (_pendingCount == _pending.Length)
        {
            ResolveTexts();
        }

        _pending[_pendingCount++] = new PendingText(list, list.Count, text, length, hash);
        Remember(key, list);
        list.Add(new SpanAttribute(key.IdIn(_strings), AttributeKind.String, 0, key.Scope));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Remember(AttributeKey key, AttributeList list)
    {
        key.LastRecord = _serial;
        key.List = list;
    }
}
