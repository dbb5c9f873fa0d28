namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>The parts so far of a line that a container runtime split, or of a JSON document that was logged over lines.</summary>
/// <param name="place">Where the first one is.</param>
/// <param name="isDocument">Whether it is a document over lines.</param>
internal sealed class PartialLine(in LogPlace place, bool isDocument = false)
{
    private byte[] _parts = [];
    private int _length;

    /// <summary>Where the first part is, and what stands around it.</summary>
    public LogPlace Place { get; } = place;

    /// <summary>Where each line of a document is and where it begins in <see cref="Content"/>; null for parts of one line.</summary>
    public List<(LogPlace Place, int Start)>? Lines { get; } = isDocument ? [(place, 0)] : null;

    /// <summary>The parts as one.</summary>
    public ReadOnlySpan<byte> Content => _parts.AsSpan(0, _length);

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
}
