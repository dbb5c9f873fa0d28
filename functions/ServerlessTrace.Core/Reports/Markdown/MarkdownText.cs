using System.Globalization;
using System.Text;

namespace ServerlessTrace.Core.Reports.Markdown;

/// <summary>
/// Makes text from outside inert in Markdown (CommonMark 0.31 and GitHub's extensions: tables, autolinks, mathematics, mentions), and in the HTML it
/// becomes. Only for texts that <see cref="PlainText"/> has made one line without control characters, and never at the start of a line.
/// </summary>
internal static class MarkdownText
{
    /// <summary>A text as it is to be read.</summary>
    public static string Of(string line)
    {
        var text = new StringBuilder(line.Length + 16);
        for (int i = 0; i < line.Length; i++)
        {
            char unit = line[i];
            switch (unit)
            {
                case '<':
                    text.Append("&lt;");
                    break;
                case '>':
                    text.Append("&gt;");
                    break;
                case '&':
                    text.Append("&amp;");
                    break;
                case '\\' or '`' or '*' or '[' or ']' or '~':
                    text.Append('\\').Append(unit);
                    break;
                case '_' when !IsInsideWord(line, i):
                    text.Append("\\_");
                    break;
                case '|' or '$':
                    // A backslash would do, were it not that another one before it undoes it in a table's row.
                    text.Append(CultureInfo.InvariantCulture, $"&#{(int)unit};");
                    break;
                case ':' when Follows(line, i, "//"):
                case '.' when EndsInWww(line, i):
                    // Neither is an autolink then.
                    text.Append(CultureInfo.InvariantCulture, $"&#{(int)unit};");
                    break;
                case '@' or '#':
                    // A space of no width, so that nobody is mentioned and no issue referred to.
                    text.Append(unit).Append("&#8203;");
                    break;
                default:
                    text.Append(unit);
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>A name or value as code, which GitHub leaves alone; as text where code would not be safe in a table's cell.</summary>
    public static string Code(string line)
    {
        if (line.Length == 0)
        {
            return "–";
        }

        bool isSafe = line.AsSpan().IndexOfAny('`', '|', '\\') < 0 && line[0] != ' ' && line[^1] != ' ';
        return isSafe ? $"`{line}`" : Of(line);
    }

    /// <summary>Lines as a block of code, with a fence that none of them closes.</summary>
    public static string Block(IEnumerable<string> lines, string language)
    {
        string[] all = [.. lines];
        int longest = 2;
        foreach (string line in all)
        {
            int run = 0;
            foreach (char unit in line)
            {
                run = unit == '`' ? run + 1 : 0;
                longest = Math.Max(longest, run);
            }
        }

        string fence = new('`', longest + 1);
        return $"{fence}{language}\n{string.Join('\n', all)}\n{fence}";
    }

    private static bool IsInsideWord(string line, int index) =>
        index > 0 && index + 1 < line.Length && char.IsLetterOrDigit(line[index - 1]) && char.IsLetterOrDigit(line[index + 1]);

    private static bool Follows(string line, int index, string text) => line.AsSpan(index + 1).StartsWith(text, StringComparison.Ordinal);

    private static bool EndsInWww(string line, int index) => line.AsSpan(0, index).EndsWith("www", StringComparison.OrdinalIgnoreCase);
}
