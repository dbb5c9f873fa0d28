namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>Passes over a record that is too long to be read, however many pieces of content it fills.</summary>
internal sealed unsafe class OversizedRecord
{
    private int _depth;
    private bool _quoted;
    private bool _escaped;

    /// <summary>Whether a line break in the middle of a string ended it.</summary>
    public bool IsCutInTwo => _quoted;

    /// <summary>Begins before the record's opening brace.</summary>
    public void Begin()
    {
        _depth = 0;
        _quoted = false;
        _escaped = false;
    }

    /// <summary>Goes on to behind the record's closing brace, or to a line break that cuts a string in two.</summary>
    public byte* Pass(byte* at, byte* end, out bool passed, out int lines)
    {
        passed = false;
        lines = 0;
        for (; at < end && !passed; at++)
        {
            if (_escaped)
            {
                _escaped = false;
                continue;
            }

            switch (*at)
            {
                case (byte)'\n' or (byte)'\r' when _quoted:
                    passed = true;
                    return at;
                case (byte)'\n':
                    lines++;
                    break;
                case (byte)'\\' when _quoted:
                    _escaped = true;
                    break;
                case (byte)'"':
                    _quoted = !_quoted;
                    break;
                case (byte)'{' or (byte)'[' when !_quoted:
                    _depth++;
                    break;
                case (byte)'}' or (byte)']' when !_quoted:
                    passed = --_depth <= 0;
                    break;
            }
        }

        return at;
    }
}
