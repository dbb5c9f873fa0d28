using System.Globalization;
using System.Text;

namespace ServerlessTrace.Core.Reports;

/// <summary>
/// Makes text from outside inert: control characters, line breaks, and what reorders or hides text in a terminal are
/// written as escapes, so that no field can forge a line of a report or drive a terminal.
/// </summary>
public static class PlainText
{
    /// <summary>One line of at most <paramref name="limit"/> characters; what is longer ends in an ellipsis.</summary>
    public static string Line(string text, int limit = 200)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= limit && IsPrintableAscii(text))
        {
            return text;
        }

        var line = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length >= limit)
            {
                return line.Append('…').ToString();
            }

            Append(line, rune);
        }

        return line.ToString();
    }

    private static bool IsPrintableAscii(string text)
    {
        foreach (char unit in text)
        {
            if (unit is < ' ' or >= '\u007f')
            {
                return false;
            }
        }

        return true;
    }

    private static void Append(StringBuilder line, Rune rune)
    {
        if (!IsUnsafe(rune))
        {
            line.Append(rune.ToString());
            return;
        }

        line.Append(rune.Value switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
        });
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
