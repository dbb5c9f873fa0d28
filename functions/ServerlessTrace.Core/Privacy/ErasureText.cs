using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// Looks for what is erased in texts that nobody could read as spans: the ids of traces, in hexadecimal, and the value of a business key where it stands by
/// itself. A text that has the same value for another reason is found too: such texts are copies and excerpts, which may go.
/// </summary>
public sealed class ErasureText
{
    /// <summary>The shortest hexadecimal number that is taken for a trace's id: of 64 bits.</summary>
    private const int ShortestId = 16;

    private const int PieceBytes = 1 << 20;

    private readonly IReadOnlySet<TraceId> _traces;
    private readonly byte[][] _values;

    /// <summary>Looks for traces and for a target's value.</summary>
    public ErasureText(ErasureTarget target, IReadOnlySet<TraceId> traces)
    {
        ArgumentNullException.ThrowIfNull(target);
        _traces = traces;
        _values = target.Value is { Length: > 0 } value
            ? [.. new[] { value, JsonEncodedText.Encode(value).ToString() }.Distinct().Select(Encoding.UTF8.GetBytes)]
            : [];
    }

    /// <summary>Whether a text has any of it.</summary>
    public bool IsIn(string text) => IsIn(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether a text in UTF-8 has any of it.</summary>
    public bool IsIn(ReadOnlySpan<byte> utf8) => HasTrace(utf8) || HasValue(utf8);

    /// <summary>Whether a text has any of it that is read piece by piece.</summary>
    public async Task<bool> IsInAsync(Stream text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);

        // What lies across two pieces is whole in the second one.
        int overlap = Math.Max(TraceId.HexLength, _values.Select(value => value.Length).DefaultIfEmpty().Max()) + 2;
        byte[] piece = new byte[PieceBytes + overlap];
        int kept = 0;
        while (await text.ReadAtLeastAsync(piece.AsMemory(kept), piece.Length - kept, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            int length = kept + read;
            if (IsIn(piece.AsSpan(0, length)))
            {
                return true;
            }

            kept = Math.Min(overlap, length);
            piece.AsSpan(length - kept, kept).CopyTo(piece);
        }

        return false;
    }

    private bool HasTrace(ReadOnlySpan<byte> utf8)
    {
        int digits = 0;
        for (int i = 0; i <= utf8.Length; i++)
        {
            if (i < utf8.Length && char.IsAsciiHexDigit((char)utf8[i]))
            {
                digits++;
                continue;
            }

            if (digits is >= ShortestId and <= TraceId.HexLength && TraceId.TryParse(utf8.Slice(i - digits, digits), out TraceId trace) && _traces.Contains(trace))
            {
                return true;
            }

            digits = 0;
        }

        return false;
    }

    private bool HasValue(ReadOnlySpan<byte> utf8)
    {
        foreach (byte[] value in _values)
        {
            ReadOnlySpan<byte> rest = utf8;
            int from = 0;
            while (rest[from..].IndexOf(value) is var at and >= 0)
            {
                int start = from + at;
                int end = start + value.Length;
                if ((start == 0 || !IsWord(rest[start - 1])) && (end == rest.Length || !IsWord(rest[end])))
                {
                    return true;
                }

                from = start + 1;
            }
        }

        return false;
    }

    private static bool IsWord(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter >= 0x80;
}
