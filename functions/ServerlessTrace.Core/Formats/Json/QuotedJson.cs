namespace ServerlessTrace.Core.Formats.Json;

/// <summary>JSON that another JSON document holds as a text, copied to where it can be read in place. Texts read from it are valid until the next one.</summary>
internal sealed unsafe class QuotedJson(JsonScanner json)
{
    private byte[] _content = [];
    private byte* _end;

    /// <summary>Makes the scanner read the text instead of the content; returns its first byte.</summary>
    public byte* Begin(ReadOnlySpan<byte> text)
    {
        if (_content.Length < text.Length + JsonScanner.Slack)
        {
            _content = GC.AllocateUninitializedArray<byte>((text.Length + JsonScanner.Slack) * 2, pinned: true);
        }

        text.CopyTo(_content);
        _content.AsSpan(text.Length, JsonScanner.Slack).Clear();
        byte* start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _content[0]);
        _end = json.End;
        json.End = start + text.Length;
        return start;
    }

    /// <summary>Makes the scanner read the content again.</summary>
    public void End() => json.End = _end;
}
