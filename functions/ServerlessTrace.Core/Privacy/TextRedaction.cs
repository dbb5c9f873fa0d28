using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Privacy;

/// <summary>Finds secrets inside texts and rewrites the texts without them. Thread-safe.</summary>
internal sealed class TextRedaction
{
    private const int ShortestCutNumber = 6;

    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789 -"u8);

    private readonly bool _wellKnown;
    private readonly RedactionAction _action;
    private readonly KeyedHash _hash;
    private readonly (Regex Pattern, RedactionAction Action)[] _patterns;

    public TextRedaction(RedactionOptions options, KeyedHash hash)
    {
        _wellKnown = options.WellKnown;
        _action = options.Action;
        _hash = hash;
        _patterns = [.. options.Rules.Where(rule => rule.Pattern.Length > 0).Select(rule => (RedactionOptions.ToRegex(rule.Pattern), rule.Action))];
    }

    /// <summary>Whether card numbers are looked for.</summary>
    public bool FindsCardNumbers => _wellKnown;

    /// <summary>Calls back with the number of each text in which there is a secret.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="from">The first that is looked at.</param>
    /// <param name="found">Takes the number of a text.</param>
    public void Find(StringTable texts, int from, Action<int> found)
    {
        if (_wellKnown)
        {
            FindWellKnown(texts, from, found);
        }

        for (int id = from; _patterns.Length > 0 && id < texts.Count; id++)
        {
            string text = Encoding.UTF8.GetString(texts[id]);
            if (Array.Exists(_patterns, rule => rule.Pattern.IsMatch(text)))
            {
                found(id);
            }
        }
    }

    /// <summary>A text without its secrets; the text itself where it has none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isCut">Whether it is the beginning of a longer text, which may have been cut inside a secret.</param>
    public byte[] Rewrite(ReadOnlySpan<byte> text, bool isCut)
    {
        byte[] rewritten = _wellKnown ? RewriteWellKnown(text, isCut) : text.ToArray();
        if (_patterns.Length == 0)
        {
            return rewritten;
        }

        string current = Encoding.UTF8.GetString(rewritten);
        foreach ((Regex pattern, RedactionAction action) in _patterns)
        {
            current = pattern.Replace(current, match => Replacement(Encoding.UTF8.GetBytes(match.Value), action));
        }

        return Encoding.UTF8.GetBytes(current);
    }

    /// <summary>What takes the place of a value.</summary>
    public string Replacement(ReadOnlySpan<byte> value, RedactionAction action) => action switch
    {
        RedactionAction.Drop => string.Empty,
        RedactionAction.Hash => _hash.Of(value),
        _ => Redactor.Mask,
    };

    private static void FindWellKnown(StringTable texts, int from, Action<int> found)
    {
        // All texts lie one behind another: looked through at one go, a candidate's text is told by where it ends.
        int first = texts.EndOf(from - 1);
        ReadOnlySpan<byte> all = texts.AllText[first..];
        var candidates = new SecretCandidates(all);
        int id = from - 1;
        int start = 0;
        int end = 0;
        int last = -1;
        SeenRuns seen = default;
        while (candidates.MoveNext())
        {
            while (candidates.Position >= end)
            {
                start = end;
                end = texts.EndOf(++id) - first;
                seen = default;
            }

            if (last == id)
            {
                continue;
            }

            bool isSecret = TryFind(all[start..end], candidates.Position - start, 0, isCut: false, ref seen, out _);
            candidates.SkipRunsTo(start + seen.Numbers);
            if (isSecret)
            {
                found(last = id);
            }
        }
    }

    private byte[] RewriteWellKnown(ReadOnlySpan<byte> text, bool isCut)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + Redactor.Mask.Length);
        var candidates = new SecretCandidates(text);
        int done = 0;
        SeenRuns seen = default;
        while (candidates.MoveNext())
        {
            if (candidates.Position < done)
            {
                continue;
            }

            bool isSecret = TryFind(text, candidates.Position, done, isCut, ref seen, out Secret secret);
            candidates.SkipRunsTo(isSecret ? Math.Min(seen.Numbers, secret.End) : seen.Numbers);
            if (isSecret && secret.Start >= done)
            {
                output.Write(text[done..secret.Start]);
                Write(output, Replacement(text[secret.Start..secret.End], _action), secret.Form);
                done = secret.End;
            }
        }

        ReadOnlySpan<byte> rest = text[done..];
        int digits = isCut ? rest.Length - 1 - rest.LastIndexOfAnyExcept(NumberBytes) : 0;
        bool isCutNumber = digits >= ShortestCutNumber;
        output.Write(isCutNumber ? rest[..^digits] : rest);
        if (isCutNumber)
        {
            Write(output, Redactor.Mask, SecretForm.Plain);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether there is a secret at a candidate's place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The candidate.</param>
    /// <param name="from">Where what is not yet redacted begins.</param>
    /// <param name="isCut">Whether the text went on.</param>
    /// <param name="seen">What was looked through in the text before; also up to where candidates for card numbers need not be looked at any more.</param>
    /// <param name="secret">The secret.</param>
    private static bool TryFind(ReadOnlySpan<byte> text, int at, int from, bool isCut, ref SeenRuns seen, out Secret secret)
    {
        secret = default;
        byte sign = text[at];
        if (sign is (byte)'=' or (byte)':')
        {
            return Assignment.TryFind(text, at, out secret);
        }

        if (!IsOfNumber(sign))
        {
            bool isToken = TokenShapes.TryFind(text, at, isCut, ref seen, out int start, out int end);
            secret = new Secret(start, end);
            return isToken;
        }

        int runStart = at;
        while (runStart > from && IsOfNumber(text[runStart - 1]))
        {
            runStart--;
        }

        if (at >= seen.Numbers)
        {
            int length = text[at..].IndexOfAnyExcept(NumberBytes);
            seen.Numbers = length < 0 ? text.Length : at + length;
        }

        bool isCard = CardNumber.TryFind(text, runStart, seen.Numbers, out int first, out int behind);
        secret = new Secret(first, behind, IsJsonNumber(text, first, behind) ? SecretForm.Quoted : SecretForm.Plain);
        return isCard;
    }

    private static bool IsOfNumber(byte value) => value is (>= (byte)'0' and <= (byte)'9') or (byte)' ' or (byte)'-';

    /// <summary>Whether a number is a JSON value of its own, so that what takes its place needs quotes.</summary>
    private static bool IsJsonNumber(ReadOnlySpan<byte> text, int start, int end)
    {
        if (text[0] is not ((byte)'{' or (byte)'['))
        {
            return false;
        }

        ReadOnlySpan<byte> before = text[..start].TrimEnd(" \t\r\n"u8);
        ReadOnlySpan<byte> behind = text[end..].TrimStart(" \t\r\n"u8);
        return before.Length > 0 && before[^1] is (byte)':' or (byte)',' or (byte)'[' && behind.Length > 0 && behind[0] is (byte)',' or (byte)'}' or (byte)']';
    }

    private static void Write(ArrayBufferWriter<byte> output, string replacement, SecretForm form)
    {
        string quote = form switch { SecretForm.Quoted => "\"", SecretForm.EscapedQuoted => "\\\"", _ => string.Empty };
        output.Write(Encoding.UTF8.GetBytes(quote + replacement + quote));
    }
}
