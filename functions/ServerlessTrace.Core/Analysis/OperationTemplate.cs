using System.Buffers;
using System.Text;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// Names of operations without the ids in them: <c>GET /orders/8f3c9a20</c> and <c>GET /orders/1a77bc03</c> are both <c>GET /orders/{id}</c>, so that what is
/// measured of an operation does not fall into as many series as there are orders. Traces keep the names that they came with.
/// </summary>
public static class OperationTemplate
{
    /// <summary>What stands for an id.</summary>
    public const string Id = "{id}";

    private const int DigitsAnywhere = 4;
    private const int ShortestHex = 6;
    private const int ShortestRandom = 16;
    private const int DigitsOfRandom = 3;
    private const int UuidLength = 36;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>
    /// The name with each id replaced by <see cref="Id"/>. Ids are UUIDs; numbers, those outside a path from four digits on; hexadecimal numbers of six or more
    /// characters that have a digit; and runs of 16 or more letters and digits with three digits or more. Letters and digits make a word; all else parts them.
    /// </summary>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.AsSpan().ContainsAny(Digits) ? Replace(name) : name;
    }

    /// <summary>Whether a name is the wanted one, or one that the wanted template is of.</summary>
    public static bool IsMatch(string wanted, string name)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return string.Equals(wanted, name, StringComparison.Ordinal)
            || (wanted.Contains(Id, StringComparison.Ordinal) && string.Equals(wanted, Of(name), StringComparison.Ordinal));
    }

    private static string Replace(string name)
    {
        var template = new StringBuilder(name.Length);
        bool isPath = false;
        for (int at = 0; at < name.Length;)
        {
            if (!char.IsAsciiLetterOrDigit(name[at]))
            {
                isPath = name[at] == '/' || (isPath && !char.IsWhiteSpace(name[at]));
                template.Append(name[at++]);
                continue;
            }

            ReadOnlySpan<char> word = IsUuid(name.AsSpan(at)) ? name.AsSpan(at, UuidLength) : Word(name.AsSpan(at));
            template.Append(IsId(word, isPath) ? Id : word);
            at += word.Length;
        }

        return template.ToString();
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && char.IsAsciiLetterOrDigit(text[length]))
        {
            length++;
        }

        return text[..length];
    }

    private static bool IsUuid(ReadOnlySpan<char> text) =>
        text.Length >= UuidLength
        && text[8] == '-' && Guid.TryParseExact(text[..UuidLength], "D", out _)
        && (text.Length == UuidLength || !char.IsAsciiLetterOrDigit(text[UuidLength]));

    private static bool IsId(ReadOnlySpan<char> word, bool isPath)
    {
        int digits = 0;
        foreach (char letter in word)
        {
            digits += char.IsAsciiDigit(letter) ? 1 : 0;
        }

        return (digits == word.Length && (isPath || digits >= DigitsAnywhere))
            || (digits > 0 && word.Length >= ShortestHex && !word.ContainsAnyExcept(Hex))
            || (digits >= DigitsOfRandom && word.Length >= ShortestRandom);
    }
}
