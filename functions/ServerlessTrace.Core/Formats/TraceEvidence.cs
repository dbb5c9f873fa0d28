namespace ServerlessTrace.Core.Formats;

/// <summary>Cheap evidence that content names a trace, wherever: what has none of these texts in it is not looked through.</summary>
internal static class TraceEvidence
{
    private const int IdLength = 16;

    /// <summary>Whether any of the texts is there that the names of all trace ids have in common.</summary>
    public static bool In(ReadOnlySpan<byte> content) =>
        content.IndexOf("race"u8) >= 0 || content.IndexOf("RACE"u8) >= 0 || content.IndexOf("@tr"u8) >= 0
        || content.IndexOf("peration_Id"u8) >= 0 || content.IndexOf("perationId"u8) >= 0;

    /// <summary>Whether 16 hexadecimal digits stand together, as ids do that have no name.</summary>
    public static bool HasIds(ReadOnlySpan<byte> content)
    {
        for (int at = IdLength - 1; at < content.Length; at += IdLength)
        {
            // Every run of that length crosses one of these places.
            int start = at;
            while (start > 0 && char.IsAsciiHexDigit((char)content[start - 1]) && at - start < IdLength)
            {
                start--;
            }

            int end = at;
            while (end < content.Length && char.IsAsciiHexDigit((char)content[end]) && end - start < IdLength)
            {
                end++;
            }

            if (end - start >= IdLength && end > at)
            {
                return true;
            }
        }

        return false;
    }
}
