namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>The parts so far of a line that a container runtime split.</summary>
internal sealed class PartialLine
{
    private byte[] _parts = [];
    private int _length;

    /// <summary>Whether no line is under way.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>Adds a part; false, and only as much as fits, if the line becomes too long.</summary>
    public bool TryAdd(ReadOnlySpan<byte> part, int most)
    {
        bool fits = part.Length <= most - _length;
        part = fits ? part : part[..Math.Max(0, most - _length)];
        if (_length + part.Length > _parts.Length)
        {
            Array.Resize(ref _parts, Math.Max(_parts.Length * 2, _length + part.Length));
        }

        part.CopyTo(_parts.AsSpan(_length));
        _length += part.Length;
        return fits;
    }

    /// <summary>The parts as one; valid until the next one is added. The next line begins empty.</summary>
    public ReadOnlySpan<byte> Take()
    {
        ReadOnlySpan<byte> line = _parts.AsSpan(0, _length);
        _length = 0;
        return line;
    }
}
