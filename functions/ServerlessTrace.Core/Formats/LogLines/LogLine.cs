namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>What stands around JSON on the lines that container runtimes, syslog and consoles write.</summary>
internal static class LogLine
{
    /// <summary>Whether a line carries a JSON object behind something else: a detection's question, so a bare object does not count.</summary>
    public static bool HasJsonBehindPrefix(ReadOnlySpan<byte> line) =>
        TryReadCri(line, out ReadOnlySpan<byte> content, out _, out _) ? content.Contains((byte)'{') : !IsBare(line) && FindObject(line) >= 0;

    /// <summary>How many bytes of text stand before the JSON object on a line; 0 if there is none or nothing before it.</summary>
    public static int LengthOfPrefix(ReadOnlySpan<byte> line) => IsBare(line) ? 0 : Math.Max(0, FindObject(line));

    /// <summary>
    /// Reads a line of the Kubernetes CRI (kubernetes/design-proposals-archive, <c>node/kubelet-cri-logging.md</c>):
    /// <c>2016-10-06T00:17:09.669794202Z stdout P content</c>, where P says that the next line of the same stream goes on.
    /// </summary>
    public static bool TryReadCri(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> content, out bool isError, out bool isPartial)
    {
        content = default;
        isError = false;
        isPartial = false;
        int stream = line.IndexOf((byte)' ') + 1;
        if (stream is < 20 or > 40 || line[10] != 'T' || line[4] != '-' || line.Length < stream + 8)
        {
            return false;
        }

        isError = line[stream..].StartsWith("stderr "u8);
        if (!isError && !line[stream..].StartsWith("stdout "u8))
        {
            return false;
        }

        ReadOnlySpan<byte> tagged = line[(stream + 7)..];
        int tags = tagged.IndexOf((byte)' ');
        ReadOnlySpan<byte> tag = tags < 0 ? tagged : tagged[..tags];
        isPartial = tag is [(byte)'P'] or [(byte)'P', (byte)':', ..];
        content = tags < 0 ? default : tagged[(tags + 1)..];
        return isPartial || tag is [(byte)'F'] or [(byte)'F', (byte)':', ..];
    }

    /// <summary>The time at the beginning of a CRI line, in ns since 1970; 0 if it cannot be read.</summary>
    public static long TimeOfCri(ReadOnlySpan<byte> line) => Timestamps.TryParse(line[..Math.Max(0, line.IndexOf((byte)' '))], out long time) ? time : 0;

    /// <summary>Whether a line is, begins, goes on with or ends JSON that is not behind anything.</summary>
    private static bool IsBare(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t"u8);
        line = line.StartsWith(FormatDetection.ByteOrderMark) ? line[FormatDetection.ByteOrderMark.Length..].TrimStart(" \t"u8) : line;
        if (line.IsEmpty)
        {
            return true;
        }

        if (line[0] == '[')
        {
            // "[INFO] …" is no array.
            line = line.TrimStart(" \t["u8);
            return line.IsEmpty || line[0] is (byte)'{' or (byte)']' or (byte)'"';
        }

        return line[0] is (byte)'{' or (byte)'}' or (byte)']' or (byte)'"' or (byte)',';
    }

    private static int FindObject(ReadOnlySpan<byte> line)
    {
        int at = 0;
        while (at < line.Length)
        {
            int brace = line[at..].IndexOf((byte)'{');
            if (brace < 0)
            {
                return -1;
            }

            at += brace + 1;
            ReadOnlySpan<byte> rest = line[at..].TrimStart(" \t"u8);
            if (!rest.IsEmpty && rest[0] == '"')
            {
                return at - 1;
            }
        }

        return -1;
    }
}
