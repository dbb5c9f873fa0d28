using System.Text;

namespace ServerlessTrace.Core.Formats;

/// <summary>The beginning of rejected content, fit for one line of a receipt.</summary>
internal static class Excerpt
{
    /// <summary>At most so many characters; control characters become blanks and what is not UTF-8 becomes U+FFFD.</summary>
    public static string Of(ReadOnlySpan<byte> content, int length)
    {
        // No character takes more than four bytes.
        string text = Encoding.UTF8.GetString(content[..Math.Min(content.Length, length * 4)]);
        StringBuilder excerpt = new(Math.Min(text.Length, length));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (excerpt.Length + rune.Utf16SequenceLength > length)
            {
                break;
            }

            excerpt.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return excerpt.ToString();
    }
}
