namespace ServerlessTrace.Functions.Ingest;

/// <summary>Text as blob metadata, which travels in HTTP headers: printable ASCII only, of bounded length.</summary>
internal static class MetadataText
{
    private const int Longest = 1_000;

    public static string Of(string text) => string.Create(
        Math.Min(text.Length, Longest),
        text,
        static (safe, text) =>
        {
            for (int i = 0; i < safe.Length; i++)
            {
                safe[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
            }
        }).Trim();
}
