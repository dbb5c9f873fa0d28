namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>What the texts in wrappers begin with.</summary>
internal static class LogText
{
    /// <summary>Passes blanks, commas and byte order marks.</summary>
    public static ReadOnlySpan<byte> PassBlanks(ReadOnlySpan<byte> content)
    {
        content = content.TrimStart(" \t\r\n,"u8);
        while (content.StartsWith(FormatDetection.ByteOrderMark))
        {
            content = content[FormatDetection.ByteOrderMark.Length..].TrimStart(" \t\r\n,"u8);
        }

        return content;
    }

    /// <summary>Whether an object or an array of values begins here: <c>[INFO]</c> is no array.</summary>
    public static bool LooksLikeJson(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content[0] == '{')
        {
            return !content.IsEmpty;
        }

        // Fluent Bit's forward format has pairs of a time and a record.
        ReadOnlySpan<byte> inner = content[0] == '[' ? content.TrimStart(" \t\r\n["u8) : default;
        return !inner.IsEmpty && (inner[0] is (byte)'{' or (byte)']' || (content.StartsWith("[["u8) && char.IsAsciiDigit((char)inner[0])));
    }

    /// <summary>Text goes on to where a line begins an object; other lines, as of a stack trace, belong to the first.</summary>
    public static int LengthOfText(ReadOnlySpan<byte> content)
    {
        int end = content.IndexOf("\n{"u8);
        return end < 0 ? content.Length : end;
    }

    /// <summary>
    /// How long a text is up to its last brace, if it begins with a span log: its first object has a field <c>trace_id</c> before any object in it. 0 for
    /// any other, which has to be looked at more closely.
    /// </summary>
    public static int LengthOfRecord(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '{')
        {
            return 0;
        }

        int at = text.IndexOf("\"trace_id\""u8);
        return at > 0 && text[at - 1] != '\\' && !text[1..at].Contains((byte)'{') ? text.LastIndexOf((byte)'}') + 1 : 0;
    }

    /// <summary>The message in the properties of Azure Functions' logs, which are in single quotes: <c>{'appName':'…','message':'…','category':'…'}</c>.</summary>
    public static ReadOnlySpan<byte> WithoutAzureQuotes(ReadOnlySpan<byte> text)
    {
        int at = text.StartsWith("{'"u8) ? text.IndexOf("'message':'"u8) : -1;
        if (at < 0)
        {
            return text;
        }

        text = text[(at + "'message':'"u8.Length)..];
        for (int from = 0; from < text.Length;)
        {
            int end = text[from..].IndexOf("','"u8);
            if (end < 0)
            {
                break;
            }

            from += end + "','"u8.Length;
            int name = text[from..].IndexOfAnyExceptInRange((byte)'A', (byte)'z');
            if (name > 0 && text[(from + name)..].StartsWith("':"u8))
            {
                return text[..(from - "','"u8.Length)];
            }
        }

        return text.TrimEnd("'}"u8);
    }
}
