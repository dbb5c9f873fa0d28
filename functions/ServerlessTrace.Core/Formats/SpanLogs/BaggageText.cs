namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The <c>baggage</c> header (W3C Baggage, 3.3): <c>key=value;property,key=value</c>, values percent-encoded.</summary>
internal static class BaggageText
{
    /// <summary>The entries; what is no entry is left out, as the specification says.</summary>
    public static IEnumerable<(string Key, string Value)> Parse(string text)
    {
        foreach (string entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int properties = entry.IndexOf(';', StringComparison.Ordinal);
            string member = properties < 0 ? entry : entry[..properties];
            int equals = member.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && member[..equals].Trim() is { Length: > 0 } key)
            {
                yield return (key, Uri.UnescapeDataString(member[(equals + 1)..].Trim()));
            }
        }
    }
}
