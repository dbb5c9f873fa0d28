using System.Buffers;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>
/// Finds the end of a JSON value by its quotes and brackets alone, however many pieces of content it fills. Whether what is
/// between them is JSON is found out by whoever reads it.
/// </summary>
internal struct JsonValueScan
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]\n"u8);
    private static readonly SearchValues<byte> InString = SearchValues.Create("\"\\\n\r"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",]} \t\r\n"u8);

    private readonly bool _ownLine;
    private int _depth;
    private bool _quoted;
    private bool _begun;
    private bool _scalar;
    private byte _before;

    /// <summary>A scan that begins at a value's first byte.</summary>
    /// <param name="ownLine">Whether the value begins a line: then an opening brace that begins a later line begins the next record.</param>
    public JsonValueScan(bool ownLine) => _ownLine = ownLine;

    /// <summary>How far a scan has come.</summary>
    internal enum Outcome
    {
        /// <summary>The value goes on behind the content.</summary>
        Unfinished,

        /// <summary>The value has ended.</summary>
        Ended,

        /// <summary>The value is cut off here: a line ends inside a string, or the next record begins.</summary>
        Broken,
    }

    /// <summary>Goes on from a place in the content to the value's end.</summary>
    /// <param name="content">Content, from the same beginning at every call or from <paramref name="at"/>.</param>
    /// <param name="at">How far the scan has come.</param>
    /// <param name="isLast">Whether nothing follows the content.</param>
    public Outcome Scan(ReadOnlySpan<byte> content, ref int at, bool isLast)
    {
        if (!_begun && at < content.Length)
        {
            _begun = true;
            _scalar = content[at] is not ((byte)'{' or (byte)'[' or (byte)'"');
        }

        if (_scalar)
        {
            int end = content[at..].IndexOfAny(AfterScalar);
            at = end < 0 ? content.Length : at + end;
            return end >= 0 || isLast ? Outcome.Ended : Outcome.Unfinished;
        }

        while (at < content.Length)
        {
            int found = _quoted ? content[at..].IndexOfAny(InString) : content[at..].IndexOfAny(Structure);
            if (found < 0)
            {
                Remember(content[at..]);
                at = content.Length;
                break;
            }

            Remember(content.Slice(at, found));
            at += found;
            switch (content[at])
            {
                case (byte)'"':
                    _quoted = !_quoted;
                    at++;
                    if (!_quoted && _depth == 0)
                    {
                        return Outcome.Ended;
                    }

                    break;
                case (byte)'\\':
                    if (at + 1 == content.Length)
                    {
                        return Outcome.Unfinished;
                    }

                    if (content[at + 1] is (byte)'\n' or (byte)'\r')
                    {
                        return Outcome.Broken;
                    }

                    at += 2;
                    continue;
                case (byte)'\n' or (byte)'\r' when _quoted:
                    return Outcome.Broken;
                case (byte)'\n':
                    if (at + 1 == content.Length)
                    {
                        return Outcome.Unfinished;
                    }

                    if (_ownLine && content[at + 1] == '{' && _before is not ((byte)':' or (byte)'['))
                    {
                        return Outcome.Broken;
                    }

                    at++;
                    continue;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    at++;
                    break;
                default:
                    at++;
                    if (--_depth <= 0)
                    {
                        return Outcome.Ended;
                    }

                    break;
            }

            _before = content[at - 1];
        }

        return Outcome.Unfinished;
    }

    /// <summary>Remembers the last byte that is not blank, which says whether a value may follow.</summary>
    private void Remember(ReadOnlySpan<byte> passed)
    {
        if (!_quoted && _ownLine)
        {
            int last = passed.LastIndexOfAnyExcept(" \t\r"u8);
            _before = last < 0 ? _before : passed[last];
        }
    }
}
