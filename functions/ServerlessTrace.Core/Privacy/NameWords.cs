using System.Collections.Frozen;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// Names that are told by their last words, whatever their case and separators: <c>api_key</c> means <c>x-api-key</c>,
/// <c>http.request.header.API_KEY</c> and <c>userApiKey</c>, not <c>api_key_id</c>.
/// </summary>
internal sealed class NameWords
{
    private const int Fingerprints = 1024;

    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int _longest;

    // By the last two letters: most names that are no such name are told by them.
    private readonly bool[] _fingerprints = new bool[Fingerprints];

    public NameWords(IEnumerable<string> names)
    {
        _names = names.Select(Plain).Where(name => name.Length > 0).ToFrozenSet(StringComparer.Ordinal);
        _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = _names.Count == 0 ? 0 : _names.Max(name => name.Length);
        foreach (string name in _names)
        {
            _fingerprints[Fingerprint(name.Length > 1 ? name[^2] : '\0', name[^1])] = true;
        }
    }

    public bool IsEmpty => _names.Count == 0;

    /// <summary>Whether a name could be one of them, judged by its end alone.</summary>
    public bool MayEndIn(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
        {
            return false;
        }

        int last = name.Length - 1;
        int before = last - 1;
        if (before >= 0 && !IsWordByte(name[before]))
        {
            before--;
        }

        return _fingerprints[Fingerprint(before >= 0 ? Lower(name[before]) : '\0', Lower(name[last]))];
    }

    /// <summary>Whether a name ends in one of them, at the beginning of a word.</summary>
    public bool IsNamed(ReadOnlySpan<byte> name)
    {
        if (_longest == 0)
        {
            return false;
        }

        // Written from its end: what has been collected is always the name's last words.
        Span<char> words = stackalloc char[Math.Min(_longest, 256)];
        int start = words.Length;
        for (int i = name.Length - 1; i >= 0 && start > 0; i--)
        {
            if (!IsWordByte(name[i]))
            {
                continue;
            }

            words[--start] = Lower(name[i]);
            if (BeginsWord(name, i) && _lookup.Contains(words[start..]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool BeginsWord(ReadOnlySpan<byte> name, int i)
    {
        if (i == 0 || !IsWordByte(name[i - 1]))
        {
            return true;
        }

        // "apiKey", and the K of "APIKey".
        bool isUpper = char.IsAsciiLetterUpper((char)name[i]);
        return isUpper && (!char.IsAsciiLetterUpper((char)name[i - 1]) || (i + 1 < name.Length && char.IsAsciiLetterLower((char)name[i + 1])));
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static bool IsWordByte(byte value) => char.IsAsciiLetterOrDigit((char)value);

    private static char Lower(byte value) => char.IsAsciiLetterUpper((char)value) ? (char)(value | 0x20) : (char)value;

    private static int Fingerprint(char before, char last) => ((before * 31) + last) & (Fingerprints - 1);
}
