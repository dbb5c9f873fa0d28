using System.Buffers.Text;
using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// The attributes of one thing (span, event, link, resource or instrumentation scope), appended to a batch as they are read.
/// Wherever they come from, they end up side by side, within the limits, and of duplicate keys the last one wins.
/// </summary>
internal sealed class OtlpAttributes(ReadLimits limits)
{
    private SpanBatch _batch = null!;
    private AttributeScope _scope;
    private int[] _seen = new int[256];
    private int _serial;

    /// <summary>Where they begin in the batch.</summary>
    public int Start { get; private set; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether something was cut to a limit.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Begins anew at the end of a batch.</summary>
    public void Begin(SpanBatch batch, AttributeScope scope)
    {
        _batch = batch;
        _scope = scope;
        _serial++;
        Start = batch.AttributeCount;
        Count = 0;
        Truncated = false;
    }

    /// <summary>The number of a text, cut to the limit; what is not UTF-8 is replaced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Intern(ReadOnlySpan<byte> utf8) => _batch.Strings.Add(utf8.Length <= limits.AttributeBytes ? utf8 : Cut(utf8));

    /// <summary>The number of the text that is JSON; cut, it is JSON no more.</summary>
    public int InternJson(ReadOnlySpan<byte> json, out AttributeKind kind)
    {
        kind = json.Length > limits.AttributeBytes ? AttributeKind.String : AttributeKind.Json;
        return Intern(json);
    }

    /// <summary>The number of the text that is bytes in base64, cut to the limit.</summary>
    public int InternBase64(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, limits.AttributeBytes / 4 * 3);
        Truncated |= length < bytes.Length;
        byte[] text = new byte[Base64.GetMaxEncodedToUtf8Length(length)];
        Base64.EncodeToUtf8(bytes[..length], text, out _, out int written);
        return _batch.Strings.Add(text.AsSpan(0, written));
    }

    /// <summary>Adds a text attribute.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text) => Add(Intern(key), AttributeKind.String, Intern(text));

    /// <summary>Adds an attribute by its key's number; one without a key is dropped.</summary>
    public void Add(int key, AttributeKind kind, long bits)
    {
        if (_batch.AttributeCount != Start + Count)
        {
            MoveToEnd();
        }

        SpanAttribute attribute = new(key, kind, bits, _scope);
        if (key >= _seen.Length)
        {
            Array.Resize(ref _seen, Math.Max(_seen.Length * 2, key + 1));
        }

        if (_seen[key] == _serial)
        {
            Replace(attribute);
        }
        else if (Count >= limits.AttributesPerSpan || key == 0)
        {
            Truncated = true;
        }
        else
        {
            _seen[key] = _serial;
            _batch.AddAttribute(attribute);
            Count++;
        }
    }

    /// <summary>Something else was appended in between, as protobuf allows.</summary>
    private void MoveToEnd()
    {
        SpanAttribute[] earlier = _batch.Attributes(Start, Count).ToArray();
        Start = _batch.AddAttributes(earlier);
    }

    private void Replace(in SpanAttribute attribute)
    {
        foreach (ref SpanAttribute earlier in _batch.MutableAttributes(Start, Count))
        {
            if (earlier.Key == attribute.Key)
            {
                earlier = attribute;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8)
    {
        Truncated = true;
        int length = limits.AttributeBytes;
        while (length > 0 && (utf8[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return utf8[..length];
    }
}
